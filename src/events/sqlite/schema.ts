import { VarveError } from '../../model/index.ts'
import { busFormat, type BusFile } from './bus-file.ts'
import { migrateFormat1 } from './migration.ts'

/** docs/format/bus.md */
const formatVersion = 2

const tables = `
  CREATE TABLE topic (id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE);
  CREATE TABLE topic_partition (
    topic INTEGER NOT NULL, number INTEGER NOT NULL,
    trimmed INTEGER NOT NULL DEFAULT 0, last INTEGER NOT NULL DEFAULT 0,
    PRIMARY KEY (topic, number)
  ) WITHOUT ROWID;
  CREATE TABLE batch (
    id INTEGER PRIMARY KEY,
    topic INTEGER NOT NULL, partition INTEGER NOT NULL, last INTEGER NOT NULL,
    count INTEGER NOT NULL, published_at INTEGER NOT NULL, messages TEXT NOT NULL
  );
  CREATE UNIQUE INDEX batch_place ON batch (topic, partition, last);
  CREATE TABLE consumer_group (
    id INTEGER PRIMARY KEY, topic INTEGER NOT NULL, name TEXT NOT NULL,
    generation INTEGER NOT NULL DEFAULT 0, UNIQUE (topic, name)
  );
  CREATE TABLE group_partition (
    consumer_group INTEGER NOT NULL, number INTEGER NOT NULL,
    committed INTEGER NOT NULL, owner TEXT, PRIMARY KEY (consumer_group, number)
  ) WITHOUT ROWID;
  CREATE TABLE member (
    place INTEGER PRIMARY KEY AUTOINCREMENT, consumer_group INTEGER NOT NULL,
    id TEXT NOT NULL UNIQUE, expires_at INTEGER NOT NULL,
    pid INTEGER NOT NULL, host TEXT NOT NULL
  );
  CREATE TABLE dead_letter (
    id INTEGER PRIMARY KEY AUTOINCREMENT, consumer_group INTEGER NOT NULL,
    partition INTEGER NOT NULL, message_offset INTEGER NOT NULL, message TEXT NOT NULL,
    reason TEXT NOT NULL, attempts INTEGER NOT NULL, buried_at INTEGER NOT NULL,
    UNIQUE (consumer_group, partition, message_offset)
  );
`

/**
 * Makes the tables of a new file and brings an older one up to date.
 *
 * @throws FORMAT_TOO_NEW; the file is left as it is
 */
export function prepareSchema(file: BusFile, now: number): void {
  const version = (): number => file.number('PRAGMA user_version')
  if (version() === formatVersion) return
  file.transaction('durable', () => {
    // Asked again under the lock: another process may have been faster.
    const found = version()
    if (found > formatVersion) throw tooNew(file.path, found)
    if (found === formatVersion) return
    if (found === 1) file.exec('ALTER TABLE dead_letter RENAME TO dead_letter_1')
    file.exec(tables)
    if (found === 1) migrateFormat1(file, now)
    file.exec(`PRAGMA user_version = ${formatVersion}`)
  })
}

/** Throws `FORMAT_TOO_NEW`, `STORE_DAMAGED` or `IO_FAILED` when a file cannot be used. */
export function checkBusFile(path: string): void {
  const version = busFormat(path)
  if (version > formatVersion) throw tooNew(path, version)
}

function tooNew(path: string, version: number): VarveError {
  return new VarveError('FORMAT_TOO_NEW', {
    what: `The event bus ${path} has format ${version}; this Varve knows ${formatVersion}.`,
  })
}
