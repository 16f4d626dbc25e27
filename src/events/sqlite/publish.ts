import { inBatches } from '../../util/index.ts'
import { byPartition, partitionCount } from '../partition.ts'
import type { NewStored } from '../topic-log.ts'
import { encodeBatch } from './batch-codec.ts'
import type { BusFile } from './bus-file.ts'

/** A stored batch is read and decoded whole, so it must not grow with what is published at once. */
export const batchLimit = 1000

/** The id of a topic; 0 when it does not exist. */
export function topicId(file: BusFile, name: string): number {
  return file.number('SELECT id FROM topic WHERE name = ?', name)
}

/** The id of a topic, made when it does not exist. */
export function makeTopic(file: BusFile, name: string): number {
  const known = topicId(file, name)
  if (known > 0) return known
  file.run('INSERT OR IGNORE INTO topic (name) VALUES (?)', name)
  const topic = topicId(file, name)
  for (let number = 0; number < partitionCount; number += 1) {
    file.run('INSERT OR IGNORE INTO topic_partition (topic, number) VALUES (?, ?)', topic, number)
  }
  return topic
}

/** Appends messages; the caller holds the transaction. */
export function append(
  file: BusFile,
  topic: number,
  messages: readonly NewStored[],
  now: number,
): void {
  const ends = file
    .all('SELECT last FROM topic_partition WHERE topic = ? ORDER BY number', topic)
    .map(({ last }) => Number(last))
  const turn = ends.reduce((sum, last) => sum + last, 0)
  for (const [partition, list] of byPartition(messages, ends.length, turn)) {
    let last = ends[partition] ?? 0
    for (const some of inBatches(list, batchLimit)) {
      last += some.length
      file.run(
        'INSERT INTO batch (topic, partition, last, count, published_at, messages) VALUES (?, ?, ?, ?, ?, ?)',
        topic,
        partition,
        last,
        some.length,
        now,
        encodeBatch(some),
      )
    }
    const moved = 'UPDATE topic_partition SET last = ? WHERE topic = ? AND number = ?'
    file.run(moved, last, topic, partition)
  }
}
