import { createHash, type Hash } from 'node:crypto'
import type { MemoryFiles } from '../../src/storage/index.ts'
import type { OpenedStore } from './memory-store.fixture.ts'

type Row = Readonly<Record<string, unknown>>

/** Names every directory and every byte of a disk. */
export function hashDisk(hash: Hash, { directories, files }: MemoryFiles): Hash {
  for (const path of [...directories].toSorted()) hash.update(`\0${path}`)
  for (const [path, file] of [...files].toSorted(([a], [b]) => (a < b ? -1 : 1))) {
    hash.update(`\0${path}\0${file.size}\0`).update(file.content())
  }
  return hash
}

/**
 * Names all that a store which was just opened answers from: its disk, and every row of its index
 * and its catalog. Stores of one digest are one store: reading them gives the same.
 */
export function digestOfStore({ store, segments }: OpenedStore, files: MemoryFiles): string {
  const hash = hashDisk(createHash('sha1'), files)
  hash.update(rowsOf((sql) => segments.database.prepare(sql).all()))
  hash.update(rowsOf((sql) => store.db.all(sql)))
  return hash.digest('base64')
}

function rowsOf(all: (sql: string) => readonly Row[]): string {
  const tables = all("SELECT name FROM sqlite_schema WHERE type = 'table' ORDER BY name")
  const rows = tables.map(({ name }) => [name, all(`SELECT * FROM "${String(name)}"`)])
  return JSON.stringify(rows, (_, value: unknown) =>
    value instanceof Uint8Array ? Buffer.from(value).toString('base64') : value,
  )
}
