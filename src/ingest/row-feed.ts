import type { Consumer, Message } from '../events/index.ts'
import type { RowTable } from './rows/row-table.ts'
import type { QueuedRow, RowEnd, RowInfo, RowKey } from './rows/row.ts'

/** A row to fetch, with the message it came in. */
export interface DueRow {
  readonly row: QueuedRow
  /** How it ended before, when it is wished for anew. */
  readonly before: RowInfo | undefined
  readonly message: Message
}

/** A row whose URL another row has: it ends without a request. */
interface DuplicateRow {
  readonly end: RowEnd
  readonly message: Message
}

/** What one poll brought: rows to fetch, rows that have ended already, and what to acknowledge. */
export interface FeedBatch {
  readonly due: readonly DueRow[]
  readonly duplicates: readonly DuplicateRow[]
  /** Delivered again, or in another form: nothing to do but to acknowledge them. */
  readonly spent: readonly Message[]
}

const nothing: FeedBatch = { due: [], duplicates: [], spent: [] }

/**
 * Takes rows off the bus. The bus delivers at least once; what has ended in the catalog is dropped
 * here, and a URL some row of the repo has had is not fetched for a second one.
 */
export class RowFeed {
  readonly #consumer: Consumer
  readonly #rows: RowTable
  /** URLs on their way: the catalog does not know them yet. */
  readonly #inFlight = new Map<string, RowKey>()

  constructor(consumer: Consumer, rows: RowTable) {
    this.#consumer = consumer
    this.#rows = rows
  }

  async next(max: number): Promise<FeedBatch> {
    const messages = await this.#consumer.poll(max)
    return messages.length === 0 ? nothing : this.#sort(messages)
  }

  /** The row has ended and the catalog knows it. */
  settled(url: string): void {
    this.#inFlight.delete(url)
  }

  #sort(messages: readonly Message[]): FeedBatch {
    const batch = { due: [] as DueRow[], duplicates: [] as DuplicateRow[], spent: [] as Message[] }
    const rows = messages.map(({ fact }) => fact.data as unknown as QueuedRow)
    const ended = this.#rows.find(rows)
    const firsts = this.#rows.firstOf(rows.map(({ url }) => url))
    for (const [at, message] of messages.entries()) {
      const row = rows[at]
      if (row === undefined) continue
      const first = this.#inFlight.get(row.url) ?? firsts[at]
      const onItsWay = this.#inFlight.has(row.url) && same(first, row)
      if (onItsWay || !isDue(row, ended[at])) batch.spent.push(message)
      else if (first !== undefined && !same(first, row)) {
        batch.duplicates.push({ end: duplicateEnd(row, first), message })
      } else {
        this.#inFlight.set(row.url, { list: row.list, position: row.position })
        batch.due.push({ row, before: ended[at], message })
      }
    }
    return batch
  }
}

/** Whether a delivered row still has to be fetched: it has not ended, or is wished for anew. */
function isDue(row: QueuedRow, ended: RowInfo | undefined): boolean {
  if (ended === undefined) return true
  return row.again !== undefined && row.again !== ended.again
}

function same(a: RowKey | undefined, b: RowKey): boolean {
  return a !== undefined && a.list === b.list && a.position === b.position
}

function duplicateEnd(row: QueuedRow, first: RowKey): RowEnd {
  return {
    ...row,
    status: 'duplicate',
    error: `the URL of row ${first.position} of list ${first.list}`,
    attempts: 0,
    duplicateOf: { list: first.list, position: first.position },
  }
}
