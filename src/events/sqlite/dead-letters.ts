import type { DeadLetter } from '../event-bus.ts'
import { decodeBatch } from './batch-codec.ts'
import type { BusFile, Row } from './bus-file.ts'

const columns = 'id, partition, message_offset, message, reason, attempts, buried_at'

export function deadLettersOf(file: BusFile, group: number, max: number): readonly DeadLetter[] {
  const found = `SELECT ${columns} FROM dead_letter WHERE consumer_group = ? ORDER BY id LIMIT ?`
  return file.all(found, group, max).flatMap((row) => file.guarded(() => letterOf(row)))
}

/** Removes letters, all of the group when none are named, and answers them. */
export function takeLetters(
  file: BusFile,
  group: number,
  named: readonly DeadLetter[] | undefined,
): readonly DeadLetter[] {
  const rows = file.all(
    `DELETE FROM dead_letter WHERE consumer_group = ?
       AND (? OR id IN (SELECT value FROM json_each(?))) RETURNING ${columns}`,
    group,
    named === undefined ? 1 : 0,
    JSON.stringify((named ?? []).map(({ id }) => Number(id))),
  )
  return rows
    .toSorted((a, b) => Number(a['id']) - Number(b['id']))
    .flatMap((row) => file.guarded(() => letterOf(row)))
}

function letterOf(row: Row): readonly DeadLetter[] {
  const [partition, offset] = [Number(row['partition']), Number(row['message_offset'])]
  return decodeBatch(String(row['message']), partition, offset).map((message) => ({
    ...message,
    id: String(row['id']),
    reason: String(row['reason']),
    attempts: Number(row['attempts']),
    buriedAt: Number(row['buried_at']),
  }))
}
