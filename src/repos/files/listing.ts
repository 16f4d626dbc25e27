import { createHash } from 'node:crypto'
import { parentDirectories, parseFilePath, VarveError, type Digest } from '../../model/index.ts'
import { listChildren } from '../../tree/index.ts'
import type { Tools } from '../scope.ts'
import type { FileInfo, PathMatcher } from '../types/files.ts'
import { fileOf } from './file-value.ts'

/** A commit's files, and how to name the commit in an error. */
export interface Content {
  readonly tools: Tools
  readonly root: Digest
  readonly name: string
}

type Directory = Extract<FileInfo, { readonly kind: 'directory' }>

export async function findFile(
  { tools, root }: Content,
  text: string,
): Promise<FileInfo | undefined> {
  const path = parseFilePath(text)
  if (path !== '') {
    const [entry] = await tools.content.entries(root, [path])
    if (entry !== undefined) return fileOf(entry)
  }
  const directory = await directoryAt({ tools, root }, path)
  return directory.count === 0 && path !== '' ? undefined : directory
}

export async function requireFile(content: Content, path: string): Promise<FileInfo> {
  const found = await findFile(content, path)
  if (found !== undefined) return found
  throw new VarveError('FILE_NOT_FOUND', {
    what: `There is no file "${path}" in ${content.name}.`,
    next: `Run \`varve list file ${content.name}\`.`,
    data: { path, commit: content.name },
  })
}

/** A file, or a directory with its digest, for which everything below it is read. */
export async function inspectFile(content: Content, path: string): Promise<FileInfo> {
  const found = await requireFile(content, path)
  if (found.kind === 'file') return found
  const hash = createHash('sha256')
  const prefix = found.path === '' ? '' : `${found.path}/`
  for await (const entry of content.tools.content.scan(content.root, prefix)) {
    hash.update(`${entry.key.slice(prefix.length)}\0${fileOf(entry).digest}\n`)
  }
  return { ...found, digest: hash.digest('hex') as Digest }
}

export async function directoryAt(
  { tools, root }: Pick<Content, 'tools' | 'root'>,
  path: string,
): Promise<Directory> {
  const { size, count } = await tools.content.totals(root, path === '' ? '' : `${path}/`)
  return { kind: 'directory', path, size, count }
}

const pageSize = 4096

/** Direct children of a directory; a file lists itself. */
export async function* listFiles(content: Content, path: string): AsyncIterable<FileInfo> {
  const found = await requireFile(content, path)
  if (found.kind === 'file') {
    yield found
    return
  }
  const prefix = found.path === '' ? '' : `${found.path}/`
  const loader = await content.tools.content.loader()
  let page = await listChildren(loader, content.root, { prefix, limit: pageSize })
  while (page.length > 0) {
    for (const child of page) {
      if (child.kind === 'file') yield fileOf(child.entry)
      else yield { kind: 'directory', path: prefix + child.name, ...child.totals }
    }
    const after = page.at(-1)
    if (page.length < pageSize || after === undefined) return
    page = await listChildren(loader, content.root, { prefix, limit: pageSize, after })
  }
}

export async function* walkFiles(content: Content, path: string): AsyncIterable<FileInfo> {
  const found = await requireFile(content, path)
  if (found.kind === 'file') {
    yield found
    return
  }
  const prefix = found.path === '' ? '' : `${found.path}/`
  for await (const entry of content.tools.content.scan(content.root, prefix)) yield fileOf(entry)
}

/** Files and directories that match, each once; a directory comes where its first file does. */
export async function* globFiles(content: Content, matcher: PathMatcher): AsyncIterable<FileInfo> {
  if (matcher.matches('')) yield await directoryAt(content, '')
  let above: ReadonlySet<string> = new Set()
  for await (const entry of content.tools.content.scan(content.root, matcher.prefix)) {
    const parents = parentDirectories(entry.key)
    for (const parent of parents.toReversed()) {
      if (!above.has(parent) && matcher.matches(parent)) yield await directoryAt(content, parent)
    }
    above = new Set(parents)
    if (matcher.matches(entry.key)) yield fileOf(entry)
  }
}
