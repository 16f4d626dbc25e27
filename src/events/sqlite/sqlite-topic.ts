import type { PartitionBounds, StoredMessage, TopicLog } from '../topic-log.ts'
import { decodeBatch } from './batch-codec.ts'
import type { BusFile } from './bus-file.ts'
import { batchLimit } from './publish.ts'

/** Reads one topic of the file. */
export class SqliteTopic implements TopicLog {
  readonly #file: BusFile
  readonly #topic: number

  constructor(file: BusFile, topic: number) {
    this.#file = file
    this.#topic = topic
  }

  bounds(): readonly PartitionBounds[] {
    return this.#file
      .all('SELECT trimmed, last FROM topic_partition WHERE topic = ? ORDER BY number', this.#topic)
      .map(({ trimmed, last }) => ({ trimmed: Number(trimmed), last: Number(last) }))
  }

  read(partition: number, after: number, max: number): readonly StoredMessage[] {
    // No batch that ends later can begin before `after + max`.
    const end = after + max + batchLimit
    const batches = this.#file.all(
      `SELECT last, count, messages FROM batch WHERE topic = ? AND partition = ?
         AND last > ? AND last < ? AND last - count < ? ORDER BY last`,
      this.#topic,
      partition,
      after,
      end,
      after + max,
    )
    return batches.flatMap(({ last, count, messages }) => {
      const first = Number(last) - Number(count) + 1
      const decoded = this.#file.guarded(() => decodeBatch(String(messages), partition, first))
      return first > after ? decoded : decoded.filter(({ offset }) => offset > after)
    })
  }
}
