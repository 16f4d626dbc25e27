import type { Fact } from '../fact.ts'
import type { NewStored } from '../topic-log.ts'
import { encodeBatch } from './batch-codec.ts'
import type { BusFile, Row } from './bus-file.ts'
import { append, makeTopic } from './publish.ts'
import { makeGroup } from './sqlite-group.ts'

/**
 * Carries over a file of format 1, where a topic was one sequence of rows and a group had one
 * position in it. What every group had behind it is left out. The caller holds the transaction.
 */
export function migrateFormat1(file: BusFile, now: number): void {
  const names = file.all('SELECT topic FROM message UNION SELECT topic FROM consumer')
  for (const { topic } of names) migrateTopic(file, String(topic), now)
  for (const row of file.all('SELECT * FROM dead_letter_1')) migrateLetter(file, row, now)
  for (const table of ['message', 'consumer', 'dead_letter_1']) file.exec(`DROP TABLE ${table}`)
}

function migrateTopic(file: BusFile, name: string, now: number): void {
  const topic = makeTopic(file, name)
  const groups = file.all(
    'SELECT consumer_group AS name, at FROM consumer WHERE topic = ? ORDER BY at',
    name,
  )
  let from = groups.length === 0 ? 0 : Number(groups[0]?.['at'])
  // Between two positions everything is appended at once; a group that is made then begins at the end.
  for (const { name: group, at } of groups) {
    appendRows(file, topic, rowsBetween(file, name, from, Number(at)), now)
    makeGroup(file, topic, { group: String(group), from: 'newest' })
    from = Number(at)
  }
  appendRows(file, topic, rowsBetween(file, name, from, Number.MAX_SAFE_INTEGER), now)
}

function rowsBetween(file: BusFile, topic: string, after: number, end: number): readonly Row[] {
  const rows = 'SELECT key, fact FROM message WHERE topic = ? AND at > ? AND at <= ? ORDER BY at'
  return file.all(rows, topic, after, end)
}

function appendRows(file: BusFile, topic: number, rows: readonly Row[], now: number): void {
  const messages = rows.map((row) => messageOf(file, row))
  append(file, topic, messages, now)
}

function messageOf(file: BusFile, { key, fact }: Row): NewStored {
  const parsed = file.guarded(() => JSON.parse(String(fact)) as Fact)
  return { ...(typeof key === 'string' ? { key } : {}), fact: parsed }
}

function migrateLetter(file: BusFile, row: Row, now: number): void {
  const topic = makeTopic(file, String(row['topic']))
  file.run(
    `INSERT INTO dead_letter (consumer_group, partition, message_offset, message, reason, attempts,
       buried_at) VALUES (?, 0, ?, ?, ?, 1, ?)`,
    makeGroup(file, topic, { group: String(row['consumer_group']) }),
    // Below all offsets there are, so that no letter of today takes its place.
    -Number(row['at']),
    encodeBatch([messageOf(file, row)]),
    String(row['reason']),
    now,
  )
}
