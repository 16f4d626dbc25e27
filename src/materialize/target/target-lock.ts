import { DatabaseSync } from 'node:sqlite'
import { VarveError } from '../../model/index.ts'

const busy = 5

/**
 * Keeps two runs out of one folder: an exclusive transaction on a database that holds nothing, which
 * ends with the process however it ends. `STORE_LOCKED` when another run has it.
 */
export function lockTarget(file: string, folder: string): { release(): void } {
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
