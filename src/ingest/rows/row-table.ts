import type { CatalogDb, RepoKey } from '../../repos/index.ts'
import type { ListEnd } from './ops.ts'
import { endOf } from './reducer.ts'
import type { RowInfo, RowKey, RowStatus } from './row.ts'
import { urlKey } from './url-key.ts'

export interface RowQuery {
  readonly status?: readonly RowStatus[]
  readonly list?: string
  /** Only with `list`: positions from `from` on and below `to`. */
  readonly from?: number
  readonly to?: number
  readonly url?: string
  /** Rows whose error text has this in it. */
  readonly error?: string
  readonly limit?: number
}

/** How many rows ended in each state, and the most frequent errors. */
export interface RowTotals {
  readonly rows: number
  readonly statuses: Readonly<Partial<Record<RowStatus, number>>>
  readonly errors: readonly { readonly error: string; readonly rows: number }[]
}

const pageLength = 1000

/** Of a time in ms: sums of whole ones are too large for SQLite with five million rows. */
const summedBits = 0xffffffff

/** Reads of the rows of one repo. */
export class RowTable {
  readonly #db: CatalogDb
  readonly #repo: RepoKey

  constructor(db: CatalogDb, repo: RepoKey) {
    this.#db = db
    this.#repo = repo
  }

  // CROSS JOIN: the rows asked for lead, and the index is searched for each; SQLite may not turn it round.

  /** How these rows ended, in the order asked; undefined for those that have not. */
  find(rows: readonly RowKey[]): readonly (RowInfo | undefined)[] {
    const found = this.#db.all(
      `SELECT wanted.key AS nth, r.* FROM json_each(?) wanted
         CROSS JOIN ingest_row r ON r.repo = ? AND r.list = wanted.value ->> 0
           AND r.position = wanted.value ->> 1`,
      JSON.stringify(rows.map(({ list, position }) => [list, position])),
      this.#repo,
    )
    const answers: (RowInfo | undefined)[] = rows.map(() => undefined)
    for (const row of found) answers[Number(row['nth'])] = infoOf(row)
    return answers
  }

  /** The first row of each of these URLs, in the order asked. */
  firstOf(urls: readonly string[]): readonly (RowKey | undefined)[] {
    const found = this.#db.all(
      `SELECT wanted.key AS at, u.list AS list, u.position AS position FROM json_each(?) wanted
         CROSS JOIN ingest_url u ON u.repo = ? AND u.url = unhex(wanted.value)`,
      JSON.stringify(urls.map((url) => Buffer.from(urlKey(url)).toString('hex'))),
      this.#repo,
    )
    const answers: (RowKey | undefined)[] = urls.map(() => undefined)
    for (const { at, list, position } of found) {
      answers[Number(at)] = { list: String(list), position: Number(position) }
    }
    return answers
  }

  /** Rows by list and position. */
  *list(query: RowQuery = {}): Iterable<RowInfo> {
    if (query.url !== undefined) {
      yield* this.#ofUrl(query.url, query)
      return
    }
    const { conditions, values } = conditionsOf(query)
    // With one list the position alone leads on: SQLite finds the next page without a look at those before.
    const after =
      query.list === undefined ? '(list, position) > (?, ?)' : 'list = ? AND position > ?'
    let [list, position] = [query.list ?? '', (query.from ?? 0) - 1]
    let left = query.limit ?? Infinity
    while (left > 0) {
      const page = this.#db.all(
        `SELECT * FROM ingest_row WHERE repo = ? AND ${after} ${conditions}
           ORDER BY list, position LIMIT ?`,
        this.#repo,
        list,
        position,
        ...values,
        Math.min(left, pageLength),
      )
      for (const row of page) yield infoOf(row)
      const last = page.at(-1)
      if (last === undefined) return
      ;[list, position] = [String(last['list']), Number(last['position'])]
      left -= page.length
    }
  }

  *#ofUrl(url: string, query: RowQuery): Iterable<RowInfo> {
    const key = urlKey(url)
    let [list, position] = ['', -1]
    let left = query.limit ?? Infinity
    while (left > 0) {
      const ofThis = [this.#repo, key, list, position] as const
      const page = this.#db.all(
        `SELECT list, position FROM ingest_url
             WHERE repo = ? AND url = ? AND (list, position) > (?, ?)
           UNION ALL SELECT list, position FROM ingest_url_again
             WHERE repo = ? AND url = ? AND (list, position) > (?, ?)
           ORDER BY list, position LIMIT ${pageLength}`,
        ...ofThis,
        ...ofThis,
      )
      const keys = page.map((row) => ({
        list: String(row['list']),
        position: Number(row['position']),
      }))
      const found = this.find(keys).filter((row) => row !== undefined)
      for (const row of found.filter((each) => isMeant(each, query)).slice(0, left)) {
        left -= 1
        yield row
      }
      const last = keys.at(-1)
      if (last === undefined) return
      ;({ list, position } = last)
    }
  }

  totals(): RowTotals {
    const statuses = this.#db.all(
      'SELECT status, count(*) AS rows FROM ingest_row WHERE repo = ? GROUP BY status',
      this.#repo,
    )
    const errors = this.#db.all(
      `SELECT doc ->> 'error' AS error, count(*) AS rows FROM ingest_row
         WHERE repo = ? AND status IN ('failed_to_download', 'failed_to_resize', 'opted_out')
         GROUP BY error ORDER BY rows DESC, error LIMIT 20`,
      this.#repo,
    )
    return {
      rows: statuses.reduce((sum, { rows }) => sum + Number(rows), 0),
      statuses: Object.fromEntries(
        statuses.map(({ status, rows }) => [String(status), Number(rows)]),
      ),
      errors: errors.map(({ error, rows }) => ({ error: String(error), rows: Number(rows) })),
    }
  }

  lists(): readonly (ListEnd & { readonly at: number })[] {
    const rows = this.#db.all(
      'SELECT at, doc FROM ingest_list WHERE repo = ? ORDER BY at, id',
      this.#repo,
    )
    return rows.map(({ at, doc }) => ({ ...(JSON.parse(String(doc)) as ListEnd), at: Number(at) }))
  }

  findList(id: string): ListEnd | undefined {
    const row = this.#db.get(
      'SELECT doc FROM ingest_list WHERE repo = ? AND id = ?',
      this.#repo,
      id,
    )
    return row === undefined ? undefined : (JSON.parse(String(row['doc'])) as ListEnd)
  }

  /** How many rows of a list have ended. */
  endedOf(list: string): number {
    const row = this.#db.get(
      'SELECT count(*) AS rows FROM ingest_row WHERE repo = ? AND list = ?',
      this.#repo,
      list,
    )
    return Number(row?.['rows'] ?? 0)
  }

  /**
   * Another text whenever a row of the list has ended once more, or one of another list whose URL it
   * repeats. Sums instead of the latest time: a clock may be set back.
   */
  stampOf(list: string): string {
    const own = this.#db.get(
      `SELECT count(*) AS rows, sum(at & ${summedBits}) AS times FROM ingest_row
         WHERE repo = ? AND list = ?`,
      this.#repo,
      list,
    )
    const repeated = this.#db.get(
      `SELECT sum(first.at & ${summedBits}) AS times FROM ingest_row again
         CROSS JOIN ingest_row first ON first.repo = again.repo
           AND first.list = again.doc ->> '$.duplicateOf.list'
           AND first.position = again.doc ->> '$.duplicateOf.position'
         WHERE again.repo = ? AND again.status = 'duplicate' AND again.list = ?
           AND first.list <> again.list`,
      this.#repo,
      list,
    )
    return [own?.['rows'], own?.['times'], repeated?.['times']]
      .map((sum) => Number(sum ?? 0))
      .join('-')
  }
}

/** Repos that have rows or lists. */
export function ingestedRepos(db: CatalogDb): readonly RepoKey[] {
  return db
    .all('SELECT DISTINCT repo FROM ingest_list ORDER BY repo')
    .map(({ repo }) => repo as RepoKey)
}

function conditionsOf({ status, list, to, error }: RowQuery) {
  const asked = [
    ['AND status IN (SELECT value FROM json_each(?))', status && JSON.stringify(status)],
    ['AND position < ?', list === undefined ? undefined : to],
    ["AND instr(doc ->> 'error', ?) > 0", error],
  ] as const
  const given = asked.filter(([, value]) => value !== undefined)
  return {
    conditions: given.map(([condition]) => condition).join(' '),
    values: given.map(([, value]) => value ?? null),
  }
}

/** What `conditionsOf` asks of SQLite, of a row that was found by its URL. */
function isMeant(
  row: RowInfo,
  { status, list, from = 0, to = Infinity, error }: RowQuery,
): boolean {
  if (status?.includes(row.status) === false) return false
  if (error !== undefined && row.error?.includes(error) !== true) return false
  return list === undefined || (row.list === list && row.position >= from && row.position < to)
}

function infoOf(row: Readonly<Record<string, unknown>>): RowInfo {
  return { ...endOf(row), at: Number(row['at']) }
}
