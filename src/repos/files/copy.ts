import { parseFilePath, VarveError } from '../../model/index.ts'
import type { FileEdit } from '../types/files.ts'
import { fileOf } from './file-value.ts'
import { requireFile, type Content } from './listing.ts'

/** Edits that make a file or a directory appear at another path: digests move, bytes do not. */
export async function copyEdits(
  content: Content,
  from: string,
  to: string,
): Promise<readonly FileEdit[]> {
  const source = await requireFile(content, from)
  const target = parseFilePath(to)
  if (source.kind === 'file') {
    if (target === '') {
      throw new VarveError('PATH_INVALID', { what: 'A file cannot be copied onto the root.' })
    }
    return [{ path: target, file: source }]
  }
  const prefix = source.path === '' ? '' : `${source.path}/`
  const edits: FileEdit[] = []
  for await (const entry of content.tools.content.scan(content.root, prefix)) {
    const inside = entry.key.slice(prefix.length)
    edits.push({ path: target === '' ? inside : `${target}/${inside}`, file: fileOf(entry) })
  }
  return edits
}
