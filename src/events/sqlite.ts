import { DatabaseSync, type SQLOutputValue } from 'node:sqlite'
import { VarveError } from '../model/index.ts'
import type { EventBus, Fact, GroupPosition, Message, NewMessage } from './event-bus.ts'

type Row = Record<string, SQLOutputValue>

const formatVersion = 1

const schema = `
  CREATE TABLE IF NOT EXISTS message (
    topic TEXT NOT NULL, at INTEGER NOT NULL, key TEXT, fact TEXT NOT NULL,
    PRIMARY KEY (topic, at)
  ) WITHOUT ROWID;
  CREATE TABLE IF NOT EXISTS consumer (
    topic TEXT NOT NULL, consumer_group TEXT NOT NULL, at INTEGER NOT NULL,
    PRIMARY KEY (topic, consumer_group)
  ) WITHOUT ROWID;
  CREATE TABLE IF NOT EXISTS dead_letter (
    topic TEXT NOT NULL, consumer_group TEXT NOT NULL, at INTEGER NOT NULL,
    key TEXT, fact TEXT NOT NULL, reason TEXT NOT NULL,
    PRIMARY KEY (topic, consumer_group, at)
  ) WITHOUT ROWID;
`

/**
 * A bus in one SQLite file, shared by the processes of one machine. It is its own file because it
 * holds what the segments do not: deleting the index must lose no message.
 */
export function sqliteEventBus(file: string): EventBus {
  const db = guarded(file, () => open(file))
  const insert = db.prepare('INSERT INTO message (topic, at, key, fact) VALUES (?, ?, ?, ?)')
  const last = db.prepare('SELECT coalesce(max(at), 0) AS at FROM message WHERE topic = ?')
  const after = db.prepare(
    `SELECT at, key, fact FROM message WHERE topic = ? AND at > coalesce(
       (SELECT at FROM consumer WHERE topic = ? AND consumer_group = ?), 0) ORDER BY at LIMIT ?`,
  )
  const move = db.prepare(
    `INSERT INTO consumer (topic, consumer_group, at) VALUES (?, ?, ?)
       ON CONFLICT DO UPDATE SET at = max(at, excluded.at)`,
  )
  const bury = db.prepare('INSERT OR REPLACE INTO dead_letter VALUES (?, ?, ?, ?, ?, ?)')
  const buried = db.prepare(
    'SELECT at, key, fact, reason FROM dead_letter WHERE topic = ? AND consumer_group = ? ORDER BY at',
  )
  const lastOf = (topic: string): number => Number(last.get(topic)?.['at'] ?? 0)
  const publish = (topic: string, messages: readonly NewMessage[]): void => {
    let at = lastOf(topic)
    for (const { key, fact } of messages) insert.run(topic, ++at, key ?? null, JSON.stringify(fact))
  }

  return {
    publish: async (topic, messages) =>
      guarded(file, () => transaction(db, () => publish(topic, messages))),
    read: async ({ topic, group }, max) =>
      guarded(file, () => after.all(topic, topic, group, max).map(messageOf)),
    acknowledge: async ({ topic, group }, offset) =>
      guarded(file, () => void move.run(topic, group, offset)),
    seekToEnd: async ({ topic, group }) =>
      guarded(file, () => transaction(db, () => void move.run(topic, group, lastOf(topic)))),
    bury: async ({ topic, group }: GroupPosition, { offset, key, fact }, reason) =>
      guarded(
        file,
        () => void bury.run(topic, group, offset, key ?? null, JSON.stringify(fact), reason),
      ),
    deadLetters: async ({ topic, group }) =>
      guarded(file, () =>
        buried
          .all(topic, group)
          .map((row) => ({ ...messageOf(row), reason: String(row['reason']) })),
      ),
    close: async () => db.close(),
  }
}

function open(file: string): DatabaseSync {
  const db = new DatabaseSync(file, { timeout: 10_000 })
  db.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;')
  const version = Number(db.prepare('PRAGMA user_version').get()?.['user_version'] ?? 0)
  if (version > formatVersion) {
    db.close()
    throw new VarveError('FORMAT_TOO_NEW', {
      what: `The event bus ${file} has format ${version}; this Varve knows ${formatVersion}.`,
    })
  }
  db.exec(schema)
  db.exec(`PRAGMA user_version = ${formatVersion}`)
  return db
}

function messageOf(row: Row): Message {
  const key = row['key']
  return {
    offset: Number(row['at']),
    ...(typeof key === 'string' ? { key } : {}),
    fact: JSON.parse(String(row['fact'])) as Fact,
  }
}

function transaction(db: DatabaseSync, work: () => void): void {
  db.exec('BEGIN IMMEDIATE')
  try {
    work()
    db.exec('COMMIT')
  } catch (error) {
    db.exec('ROLLBACK')
    throw error
  }
}

function guarded<T>(file: string, work: () => T): T {
  try {
    return work()
  } catch (error) {
    if (error instanceof VarveError) throw error
    const why = error instanceof Error ? error.message : String(error)
    throw new VarveError('IO_FAILED', {
      what: `The event bus ${file} refused: ${why}.`,
      cause: error,
    })
  }
}
