import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { VarveError } from '../../model/index.ts'
import { messageOf, sqliteFault, type SqliteFault } from '../../util/index.ts'

/** Ours, below the target. Not at its root: img2dataset takes any `.json` there for a shard's stats. */
export const notesFolder = '.varve-materialize'

const busy = 5

const nextSteps: Readonly<Record<SqliteFault, string>> = {
  damaged: 'Delete the file: nothing is kept in it.',
  full: 'Free some space and run the command again.',
  refused:
    'See that this user may write to the file and its folder, and that the file system can lock files; or choose another folder.',
}

/**
 * Keeps two runs out of one folder, which has its folder of notes: an exclusive transaction on a
 * database that holds nothing, which ends with the process however it ends. `STORE_LOCKED` when
 * another run has it.
 */
export function lockTarget(folder: string): { release(): void } {
  const file = join(folder, notesFolder, 'lock')
  let database: DatabaseSync | undefined
  try {
    database = new DatabaseSync(file)
    database.exec('BEGIN EXCLUSIVE')
    const held = database
    return { release: () => held.close() }
  } catch (error) {
    database?.close()
    throw lockFault(error, { file, folder })
  }
}

function lockFault(
  error: unknown,
  { file, folder }: { readonly file: string; readonly folder: string },
): unknown {
  const fault = sqliteFault(error)
  if (fault === undefined) return error
  if (error instanceof Error && 'errcode' in error && (Number(error.errcode) & 0xff) === busy) {
    return new VarveError('STORE_LOCKED', {
      what: `Another process is materializing into ${folder}.`,
      next: 'Wait for it, or choose another folder.',
      data: { folder },
    })
  }
  return new VarveError(fault === 'full' ? 'DISK_FULL' : 'IO_FAILED', {
    what: `The lock file ${file} could not be used: ${messageOf(error)}.`,
    next: nextSteps[fault],
    data: { path: file },
    cause: error,
  })
}
