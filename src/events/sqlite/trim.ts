import type { TrimRule } from '../event-bus.ts'
import type { BusFile } from './bus-file.ts'

/** Deletes whole batches from the front of each partition; the caller holds the transaction. */
export function trimTopic(file: BusFile, topic: number, rule: TrimRule, now: number): number {
  const before = rule.olderThanMs === undefined ? Number.MAX_SAFE_INTEGER : now - rule.olderThanMs
  const partitions = file.all(
    'SELECT number, trimmed, last FROM topic_partition WHERE topic = ? ORDER BY number',
    topic,
  )
  let count = 0
  for (const { number, trimmed, last } of partitions) {
    const partition = Number(number)
    const limit = rule.consumed === true ? consumed(file, topic, partition) : Number(last)
    const [stays] = file.all(
      `SELECT last - count AS before FROM batch WHERE topic = ? AND partition = ?
         AND (last > ? OR published_at >= ?) ORDER BY last LIMIT 1`,
      topic,
      partition,
      limit,
      before,
    )
    const end = stays === undefined ? Number(last) : Number(stays['before'])
    if (end <= Number(trimmed)) continue
    const gone = 'DELETE FROM batch WHERE topic = ? AND partition = ? AND last <= ?'
    file.run(gone, topic, partition, end)
    const moved = 'UPDATE topic_partition SET trimmed = ? WHERE topic = ? AND number = ?'
    file.run(moved, end, topic, partition)
    count += end - Number(trimmed)
  }
  return count
}

/** Up to where every group has committed; 0 without groups. */
function consumed(file: BusFile, topic: number, partition: number): number {
  return file.number(
    `SELECT min(committed) FROM group_partition JOIN consumer_group ON id = consumer_group
       WHERE topic = ? AND number = ?`,
    topic,
    partition,
  )
}
