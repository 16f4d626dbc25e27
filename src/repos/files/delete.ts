import { parseFilePath, type Digest } from '../../model/index.ts'
import type { FileEdit } from '../types/files.ts'
import type { TreeContent } from './tree-content.ts'

/** Deletions of files, and of all below directories; of the root: everything. */
export async function deletions(
  content: TreeContent,
  root: Digest,
  paths: readonly string[],
): Promise<readonly FileEdit[] | 'everything'> {
  const doomed = new Set<string>()
  for (const path of paths.map(parseFilePath)) {
    if (path === '') return 'everything'
    doomed.add(path)
    for await (const { key } of content.scan(root, `${path}/`)) doomed.add(key)
  }
  return [...doomed].map((path) => ({ path, file: undefined }))
}
