import { DatabaseSync, type StatementSync } from 'node:sqlite'
import { VarveError, type JsonObject, type JsonValue } from '../../model/index.ts'
import { messageOf, nearest } from '../../util/index.ts'

export interface WhereRow {
  readonly key: string
  readonly columns: JsonObject | undefined
}

/**
 * A SQL condition over the columns of samples. Runs in a database of its own in memory that holds
 * nothing, so there is nothing an expression could change. A column that a sample lacks is NULL; one
 * that no sample has is a fault, told by `end`.
 */
export class Where {
  readonly #expression: string
  readonly #database = new DatabaseSync(':memory:')
  /** In the order of their place in a row; `key` is the first. */
  readonly #columns: string[] = ['key']
  /** SQLite does not tell names of another case apart. */
  readonly #known = new Map<string, string>([['key', 'key']])
  /** Asked for, seen in no sample yet. */
  readonly #unseen = new Set<string>()
  #statement: StatementSync | undefined

  constructor(expression: string) {
    this.#expression = expression
  }

  /** Whether the condition holds, row by row. `WHERE_INVALID` when it cannot be understood. */
  holds(rows: readonly WhereRow[]): boolean[] {
    if (rows.length === 0) return []
    for (const { columns } of rows) for (const name in columns) this.#see(name)
    const values = rows.map(({ key, columns }) =>
      this.#columns.map((name, at): JsonValue => (at === 0 ? key : (columns?.[name] ?? null))),
    )
    const answers = this.#run(JSON.stringify(values))
    if (answers.length === rows.length) return answers.map(({ keep }) => keep === 1)
    throw this.#fault('it does not give one answer for each sample')
  }

  /** After the last row: `WHERE_INVALID` when a column was named that no sample has. */
  end(): void {
    const [missing] = this.#unseen
    if (missing === undefined) return
    const names = this.#columns.filter((name) => !this.#unseen.has(name.toLowerCase()))
    const meant = nearest(missing, names)
    const hint = meant === undefined ? '' : ` Did you mean ${meant}?`
    throw this.#fault(`no sample has a column ${missing}.${hint} There are: ${names.join(', ')}`)
  }

  close(): void {
    this.#database.close()
  }

  #see(name: string): void {
    const lower = name.toLowerCase()
    this.#unseen.delete(lower)
    if (!this.#known.has(lower)) this.#addColumn(name)
  }

  #addColumn(name: string): void {
    this.#known.set(name.toLowerCase(), name)
    this.#columns.push(name)
    this.#statement = undefined
  }

  #run(rows: string): { keep?: unknown }[] {
    for (;;) {
      try {
        this.#statement ??= this.#prepare()
        return this.#statement.all(rows)
      } catch (error) {
        const missing = missingColumn(error)
        if (missing === undefined || this.#known.has(missing.toLowerCase())) {
          throw this.#fault(messageOf(error), error)
        }
        this.#unseen.add(missing.toLowerCase())
        this.#addColumn(missing)
      }
    }
  }

  #prepare(): StatementSync {
    const columns = this.#columns.map((name, at) => `value ->> ${at} AS ${quoted(name)}`)
    const statement = this.#database.prepare(
      `SELECT CASE WHEN (\n${this.#expression}\n) THEN 1 ELSE 0 END AS keep, 0 AS whole
       FROM (SELECT ${columns.join(', ')} FROM json_each(?))`,
    )
    // Anything that closes the parenthesis early leaves the rest of the statement out.
    if (statement.columns().length === 2) return statement
    throw this.#fault('it is not one expression')
  }

  #fault(why: string, cause?: unknown): VarveError {
    return new VarveError('WHERE_INVALID', {
      what: `The condition "${this.#expression}" cannot be used: ${why}.`,
      data: { where: this.#expression },
      cause,
    })
  }
}

function quoted(name: string): string {
  return `"${name.replaceAll('"', '""')}"`
}

function missingColumn(error: unknown): string | undefined {
  const message = error instanceof Error ? error.message : ''
  return /^no such column: "?(.+?)"?(?: - should this .*)?$/.exec(message)?.[1]
}
