import {
  DatabaseSync,
  type SQLInputValue,
  type SQLOutputValue,
  type StatementSync,
} from 'node:sqlite'
import { VarveError, isVarveError, type ErrorCode } from '../../model/index.ts'
import { messageOf, sqliteFault } from '../../util/index.ts'

export type Row = Record<string, SQLOutputValue>

/** Whether an answered change must survive a loss of power. It always survives that of the process. */
export type Durability = 'durable' | 'relaxed'

/** One connection to the file of a bus: statements are compiled once, faults are VarveErrors. */
export class BusFile {
  readonly #path: string
  readonly #database: DatabaseSync
  readonly #statements = new Map<string, StatementSync>()
  #durability: Durability = 'durable'

  /**
   * `waitMs` is for how long others may keep the file before it counts as locked.
   *
   * @throws IO_FAILED, STORE_LOCKED, STORE_DAMAGED
   */
  constructor(path: string, waitMs = 10_000) {
    this.#path = path
    this.#database = this.guarded(() => new DatabaseSync(path, { timeout: waitMs }))
    try {
      // Of new files alone; trimming gives the room back to the file system.
      this.exec('PRAGMA auto_vacuum = INCREMENTAL')
      this.exec('PRAGMA journal_mode = WAL')
      this.exec('PRAGMA synchronous = FULL')
    } catch (error) {
      this.#database.close()
      throw error
    }
  }

  get path(): string {
    return this.#path
  }

  exec(sql: string): void {
    this.guarded(() => this.#database.exec(sql))
  }

  run(sql: string, ...params: readonly SQLInputValue[]): number {
    return this.guarded(() => Number(this.#statement(sql).run(...params).changes))
  }

  all(sql: string, ...params: readonly SQLInputValue[]): readonly Row[] {
    return this.guarded(() => this.#statement(sql).all(...params))
  }

  /** The first column of the first row as a number; 0 when there is none. */
  number(sql: string, ...params: readonly SQLInputValue[]): number {
    const [row] = this.all(sql, ...params)
    return row === undefined ? 0 : Number(Object.values(row)[0] ?? 0)
  }

  /** All of the work or none; the write lock is taken at once, so that nothing read gets stale. */
  transaction<T>(durability: Durability, work: () => T): T {
    if (durability !== this.#durability) {
      this.exec(`PRAGMA synchronous = ${durability === 'durable' ? 'FULL' : 'NORMAL'}`)
      this.#durability = durability
    }
    this.exec('BEGIN IMMEDIATE')
    try {
      const result = work()
      this.exec('COMMIT')
      return result
    } catch (error) {
      // SQLite has rolled back by itself when the disk is full.
      if (this.#database.isTransaction) this.exec('ROLLBACK')
      throw error
    }
  }

  close(): void {
    if (this.#database.isOpen) this.#database.close()
  }

  guarded<T>(work: () => T): T {
    try {
      return work()
    } catch (error) {
      throw isVarveError(error) ? error : busError(this.#path, error)
    }
  }

  #statement(sql: string): StatementSync {
    const known = this.#statements.get(sql)
    if (known !== undefined) return known
    const made = this.#database.prepare(sql)
    this.#statements.set(sql, made)
    return made
  }
}

/** The format a file says it has; the file is left as it is. */
export function busFormat(path: string): number {
  try {
    const database = new DatabaseSync(path, { readOnly: true })
    try {
      return Number(database.prepare('PRAGMA user_version').get()?.['user_version'])
    } finally {
      database.close()
    }
  } catch (error) {
    throw busError(path, error)
  }
}

function busError(path: string, error: unknown): VarveError {
  const why = messageOf(error)
  const code = codeOf(error)
  return new VarveError(code, {
    what: `The event bus ${path} refused: ${why}.`,
    ...(code === 'STORE_DAMAGED' ? { next: damagedAdvice } : {}),
    cause: error,
  })
}

const damagedAdvice =
  'Move the file aside: the store itself is whole, only messages and dead letters not yet handled are lost.'

/** SQLITE_BUSY, sqlite.org/rescode.html: another process kept the file for the whole wait. */
const busy = 5

function codeOf(error: unknown): ErrorCode {
  const fault = sqliteFault(error)
  if (fault === 'full') return 'DISK_FULL'
  if (fault === 'damaged' || error instanceof SyntaxError) return 'STORE_DAMAGED'
  const { errcode } = error as { readonly errcode?: unknown }
  return typeof errcode === 'number' && (errcode & 0xff) === busy ? 'STORE_LOCKED' : 'IO_FAILED'
}
