import { digestFromBytes, digestToBytes, type CommitId, type Digest } from '../model/index.ts'
import type { CatalogDb, LiveRoot, RepoKey } from '../repos/index.ts'
import type { DatumRecord } from './datum-record.ts'
import type { CacheEntry, DoneDatum } from './ops.ts'
import type { DatumOutput } from './types.ts'

/** The datum cache in the catalog: results by key, and who used each last. */
export const cacheTable = `
  -- With row ids: keys are random, and long rows would be written all over the file.
  CREATE TABLE datum_cache (
    key BLOB PRIMARY KEY, doc TEXT NOT NULL, bytes INTEGER NOT NULL,
    -- Pipeline and id of the job that put the result here or took it from here last.
    used_by TEXT NOT NULL, used_in TEXT NOT NULL, used_at INTEGER NOT NULL
  );`

/** A result in the cache: it holds outputs in place, so that it stands alone, and no inputs. */
type CachedRecord = DatumRecord & { readonly outputs: readonly DatumOutput[] }

/** The job that used an entry, and when, ms since the epoch. */
export interface CacheUse {
  readonly pipeline: RepoKey
  readonly job: CommitId
  readonly usedAt: number
}

/** The key when the cache now holds the very record, which then need not be kept twice. */
export function addToCache(
  db: CatalogDb,
  { key, record, outputs }: DoneDatum,
  use: CacheUse,
): Buffer | undefined {
  if (key === undefined) return undefined
  // The cache outlives the job: it holds outputs in place and needs no inputs.
  const whole = Array.isArray(record.inputs) && Array.isArray(record.outputs)
  const cached = whole ? record : { ...record, inputs: [], outputs: outputs ?? record.outputs }
  const added = db.run(
    'INSERT INTO datum_cache VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING',
    ...rowOf(key, cached, use),
  )
  return whole && added > 0 ? digestToBytes(key) : undefined
}

export function putCached(db: CatalogDb, { key, record, use }: CacheEntry): void {
  const sql = 'INSERT OR REPLACE INTO datum_cache VALUES (?, ?, ?, ?, ?, ?)'
  db.run(sql, ...rowOf(key, record, use))
}

/** What was used lately is trimmed last. */
export function noteUse(db: CatalogDb, key: Digest, { pipeline, job, usedAt }: CacheUse): void {
  const sql = 'UPDATE datum_cache SET used_by = ?, used_in = ?, used_at = ? WHERE key = ?'
  db.run(sql, pipeline, job, usedAt, digestToBytes(key))
}

export function dropCached(db: CatalogDb, key: Digest): void {
  const bytes = digestToBytes(key)
  // Results of other unfinished jobs may lean on the entry.
  db.run(
    `UPDATE datum_result SET doc = (SELECT doc FROM datum_cache c WHERE c.key = ?), key = NULL
      WHERE key = ?`,
    bytes,
    bytes,
  )
  db.run('DELETE FROM datum_cache WHERE key = ?', bytes)
}

/** Keys looked up with one statement. */
const lookupSizes = [256, 16, 1] as const

/** Cached results; answers in order. */
export function findCached(db: CatalogDb, keys: readonly Digest[]): (CachedRecord | undefined)[] {
  const found = new Map<Digest, CachedRecord>()
  for (let done = 0; done < keys.length;) {
    const left = keys.length - done
    const size = lookupSizes.find((each) => each <= left) ?? 1
    const marks = Array.from({ length: size }, () => '?').join(',')
    const wanted = keys.slice(done, done + size).map(digestToBytes)
    for (const row of db.all(
      `SELECT key, doc FROM datum_cache WHERE key IN (${marks})`,
      ...wanted,
    )) {
      const key = digestFromBytes(row['key'] as Uint8Array)
      found.set(key, JSON.parse(String(row['doc'])) as CachedRecord)
    }
    done += size
  }
  return keys.map((key) => found.get(key))
}

/** All entries in order of key, some at a time. */
export function* cachePages(db: CatalogDb, length: number): Iterable<readonly CacheEntry[]> {
  const sql = 'SELECT * FROM datum_cache WHERE key > ? ORDER BY key LIMIT ?'
  let after: Uint8Array = new Uint8Array()
  for (;;) {
    const rows = db.all(sql, after, length)
    const last = rows.at(-1)
    if (last === undefined) return
    after = last['key'] as Uint8Array
    yield rows.map((row) => ({
      key: digestFromBytes(row['key'] as Uint8Array),
      record: JSON.parse(String(row['doc'])) as DatumRecord,
      use: {
        pipeline: row['used_by'] as RepoKey,
        job: row['used_in'] as CommitId,
        usedAt: Number(row['used_at']),
      },
    }))
  }
}

export interface UnheldEntry {
  readonly key: Digest
  /** Of its outputs; what other entries or commits hold too is counted as if it were not. */
  readonly bytes: number
  readonly usedAt: number
}

/** Entries kept by nothing but the cache: the job that used them last is gone. Newest use first. */
export function unheldEntries(db: CatalogDb): UnheldEntry[] {
  const rows = db.all(
    `SELECT key, bytes, used_at FROM datum_cache
      WHERE NOT EXISTS (SELECT 1 FROM job j WHERE j.pipeline = used_by AND j.id = used_in)
      ORDER BY used_at DESC, key`,
  )
  return rows.map((row) => ({
    key: digestFromBytes(row['key'] as Uint8Array),
    bytes: Number(row['bytes']),
    usedAt: Number(row['used_at']),
  }))
}

/** Everything the cache would have to bring back. */
export function* cacheLive(db: CatalogDb): Iterable<LiveRoot> {
  for (const page of cachePages(db, 4096)) {
    for (const { record } of page) {
      for (const digest of itemsToBringBack(record)) yield { kind: 'item', digest }
    }
  }
}

/** Outputs and log of a cached result. */
export function itemsToBringBack({ outputs, log }: DatumRecord): Digest[] {
  const items = 'item' in outputs ? [] : outputs.map(({ digest }) => digest)
  return log === undefined ? items : [...items, log]
}

function rowOf(key: Digest, record: DatumRecord, { pipeline, job, usedAt }: CacheUse) {
  const outputs = 'item' in record.outputs ? [] : record.outputs
  const bytes = outputs.reduce((sum, { size }) => sum + size, 0)
  return [digestToBytes(key), JSON.stringify(record), bytes, pipeline, job, usedAt] as const
}
