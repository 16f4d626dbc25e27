import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { VarveError } from '../../model/index.ts'

/** Ours, below the target. Not at its root: img2dataset takes any `.json` there for a shard's stats. */
export const notesFolder = '.varve-materialize'

const busy = 5

/**
 * Keeps two runs out of one folder, which has its folder of notes: an exclusive transaction on a
 * database that holds nothing, which ends with the process however it ends. `STORE_LOCKED` when
 * another run has it.
 */
export function lockTarget(folder: string): { release(): void } {
  const file = join(folder, notesFolder, 'lock')
  const database = new DatabaseSync(file)
  try {
    database.exec('BEGIN EXCLUSIVE')
    return { release: () => database.close() }
  } catch (error) {
    database.close()
    const code = error instanceof Error && 'errcode' in error ? Number(error.errcode) & 0xff : 0
    if (code !== busy) throw error
    throw new VarveError('STORE_LOCKED', {
      what: `Another process is materializing into ${folder}.`,
      next: 'Wait for it, or choose another folder.',
      data: { folder },
    })
  }
}
