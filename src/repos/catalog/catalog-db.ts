import { DatabaseSync, type SQLInputValue, type StatementSync } from 'node:sqlite'
import { VarveError } from '../../model/index.ts'
import { messageOf, sqliteFault } from '../../util/index.ts'

type Row = Readonly<Record<string, unknown>>

/** SQLite with its prepared statements kept, so that reducers may write SQL where they need it. */
export class CatalogDb {
  readonly #file: string
  readonly #database: DatabaseSync
  readonly #statements = new Map<string, StatementSync>()

  constructor(file: string, { readOnly = false }: { readonly readOnly?: boolean } = {}) {
    this.#file = file
    this.#database = checked(file, () => new DatabaseSync(file, { readOnly }))
  }

  exec(sql: string): void {
    this.#checked(() => this.#database.exec(sql))
  }

  /** Answers how many rows were changed. */
  run(sql: string, ...values: SQLInputValue[]): number {
    return Number(this.#checked(() => this.#prepare(sql).run(...values)).changes)
  }

  all(sql: string, ...values: SQLInputValue[]): readonly Row[] {
    return this.#checked(() => this.#prepare(sql).all(...values))
  }

  get(sql: string, ...values: SQLInputValue[]): Row | undefined {
    return this.#checked(() => this.#prepare(sql).get(...values))
  }

  /** Safe to call when SQLite has already rolled back by itself. */
  rollback(): void {
    if (this.#database.isTransaction) this.exec('ROLLBACK')
  }

  close(): void {
    this.#statements.clear()
    this.#database.close()
  }

  #prepare(sql: string): StatementSync {
    const known = this.#statements.get(sql)
    if (known !== undefined) return known
    const statement = this.#database.prepare(sql)
    this.#statements.set(sql, statement)
    return statement
  }

  /** Damage may lie on a page that is read long after the file was opened. */
  #checked<T>(work: () => T): T {
    return checked(this.#file, work)
  }
}

function checked<T>(file: string, work: () => T): T {
  try {
    return work()
  } catch (error) {
    throw catalogError(file, error)
  }
}

/** An error of SQLite as one of ours; any other as it is. */
function catalogError(file: string, error: unknown): unknown {
  const fault = sqliteFault(error)
  const reason = messageOf(error)
  const data = { path: file, part: 'catalog' }
  if (fault === 'damaged') {
    return new VarveError('STORE_DAMAGED', {
      what: `The catalog ${file} is damaged: ${reason}.`,
      next: 'Run `varve reindex`: it is rebuilt from the records and nothing is lost.',
      data,
      cause: error,
    })
  }
  if (fault === undefined) return error
  if (fault === 'full') {
    return new VarveError('DISK_FULL', {
      what: `The catalog ${file} could not be written: ${reason}.`,
      data,
      cause: error,
    })
  }
  return new VarveError('IO_FAILED', {
    what: `The catalog ${file} could not be used: ${reason}.`,
    next: 'Check the permissions of the file and its folder, and the disk; nothing acknowledged was lost.',
    data,
    cause: error,
  })
}
