import { createHash } from 'node:crypto'
import type { Digest } from '../../model/index.ts'
import { invariant } from '../../util/index.ts'
import { storedBytes } from './list-bytes.ts'
import type { ListFile, ListOptions } from './list-row.ts'

/**
 * SHA-256 of a line with the reading options (in JSON) and the file's bytes as they lie on disk: equal for the same
 * list read the same way, so that a resumed run sees that its list has changed. Streams the file.
 * Standard input has to be saved first. @throws LIST_NOT_FOUND, LIST_UNREADABLE
 */
export async function digestOfList(file: ListFile, options: ListOptions): Promise<Digest> {
  invariant(file.path !== undefined, 'the digest of a stream is known only after it')
  const { format, urlColumn, captionColumn, extraColumns = [] } = options
  const read = { v: 1, format, urlColumn, captionColumn: captionColumn ?? null, extraColumns }
  const hash = createHash('sha256').update(`varve-list ${JSON.stringify(read)}\n`)
  for await (const chunk of storedBytes(file.path)) hash.update(chunk)
  return hash.digest('hex') as Digest
}
