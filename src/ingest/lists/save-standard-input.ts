import { createWriteStream } from 'node:fs'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { unreadable } from './list-error.ts'
import type { ListFile } from './list-row.ts'

/**
 * Writes a list from standard input to a scratch file, for what needs it twice or out of order: its
 * digest, parquet, column-wise JSON. Answers the list with that file as its path; the name stays `-`.
 */
export async function saveStandardInput(
  file: ListFile,
  source: AsyncIterable<Uint8Array>,
  path: string,
): Promise<ListFile> {
  try {
    await pipeline(Readable.from(source), createWriteStream(path))
  } catch (error) {
    throw unreadable(file, `it cannot be kept in ${path}`, error)
  }
  return { ...file, path }
}
