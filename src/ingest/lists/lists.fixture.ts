import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { parseListFormat } from './list-files.ts'
import type { BadRow, ListFile, ListOptions, ListRow } from './list-row.ts'
import { readList } from './read-list.ts'

/** A folder for the lists of one test file; `using` or `remove` clears it away. */
export function scratchFolder(): { readonly path: string; remove(): void } {
  const path = mkdtempSync(join(tmpdir(), 'varve-lists-'))
  return { path, remove: () => rmSync(path, { recursive: true }) }
}

export function writeList(folder: string, name: string, content: string | Uint8Array): ListFile {
  const path = join(folder, name)
  writeFileSync(path, content)
  return listAt(path)
}

export function listAt(path: string): ListFile {
  const named = parseListFormat(path)
  if (named === undefined) throw new Error(`${path} does not tell its format`)
  return { name: basename(path), path, ...named }
}

/** Standard input that hands out `size` bytes at a time. */
export async function* inPieces(
  content: string | Uint8Array,
  size = 7,
): AsyncGenerator<Uint8Array> {
  const bytes = Buffer.from(content)
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size)
}

export async function readAll(
  file: ListFile,
  options: Partial<ListOptions> = {},
  stdin?: AsyncIterable<Uint8Array>,
): Promise<{ rows: ListRow[]; bad: BadRow[]; batchSizes: number[] }> {
  const rows: ListRow[] = []
  const bad: BadRow[] = []
  const batchSizes: number[] = []
  const all = { format: file.format, urlColumn: 'url', ...options }
  for await (const batch of readList(file, all, stdin)) {
    rows.push(...batch.rows)
    bad.push(...batch.bad)
    batchSizes.push(batch.rows.length + batch.bad.length)
  }
  return { rows, bad, batchSizes }
}
