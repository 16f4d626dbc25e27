import { createHash, type Hash } from 'node:crypto'
import { comparePaths, type Digest } from '../model/index.ts'
import type {
  FileChange,
  GlobPlan,
  InputView,
  InputViewPair,
  TreePath,
} from '../pipelines/index.ts'
import type { Content } from '../repos/index.ts'
import { inBatches } from '../util/index.ts'

/** Paths handed to the planner at a time: large enough that batches cost nothing. */
const batchLength = 4096

/** The file tree of one commit, as the planner sees an input. */
export function treeView(content: Content, root: Digest): InputView {
  return {
    rootDigest: root,
    matches: (glob) => matchesOf(content, root, glob),
    contentOf: (paths) => contentOf(content, root, paths),
  }
}

/** The file trees of one input at the base and now. Equal subtrees are never read. */
export function treeViewPair(content: Content, before: Digest, after: Digest): InputViewPair {
  return {
    before: treeView(content, before),
    after: treeView(content, after),
    changes: (prefix) => changesOf(content, { before, after }, prefix),
  }
}

async function* changesOf(
  content: Content,
  roots: { before: Digest; after: Digest },
  prefix: string,
): AsyncIterable<readonly FileChange[]> {
  let batch: FileChange[] = []
  const changes = content.changes(roots.before, roots.after, prefix)
  for await (const { key, before, after } of changes) {
    batch.push({
      path: key,
      before: before === undefined ? undefined : content.fileOf(before).digest,
      after: after === undefined ? undefined : content.fileOf(after).digest,
    })
    if (batch.length === batchLength) {
      yield batch
      batch = []
    }
  }
  if (batch.length > 0) yield batch
}

async function* matchesOf(
  content: Content,
  root: Digest,
  glob: GlobPlan,
): AsyncIterable<readonly TreePath[]> {
  const whole = glob.minDepth === 0 && glob.matches('') ? await rootAt(content, root) : undefined
  const found: TreePath[] = whole === undefined ? [] : [whole]
  if (glob.maxDepth === 0) {
    yield found
    return
  }
  const open = new OpenDirectories((path) => {
    const depth = path.split('/').length
    const isInReach = depth >= glob.minDepth && depth <= glob.maxDepth
    return path !== '' && isInReach && glob.matches(path)
  })
  let directories = found.length
  const close = (closed: readonly TreePath[]): void => {
    directories += closed.length
    found.push(...closed)
  }
  for await (const entry of content.scan(root, scanPrefix(glob))) {
    const file = content.fileOf(entry)
    close(open.enter(file.path))
    open.add(file)
    if (glob.matches(file.path)) found.push(pathOf(file))
  }
  close(open.closeAll())
  // A directory is known when its last file is, and then belongs before all of them.
  if (directories > 0) found.sort((a, b) => comparePaths(a.path, b.path))
  yield* inBatches(found, batchLength)
}

/**
 * A matched directory holds more than what begins with the glob's prefix when the prefix ends
 * inside a name only if that name is a directory: scanning from the prefix still sees all of it.
 */
const scanPrefix = (glob: GlobPlan): string => glob.prefix.replace(/\/+$/, '')

async function contentOf(
  content: Content,
  root: Digest,
  paths: readonly string[],
): Promise<readonly (TreePath | undefined)[]> {
  const files = await content.entries(root, paths)
  const answers: (TreePath | undefined)[] = []
  // All of a first commit is new: nothing of it needs to be looked for as a directory.
  if (await isEmpty(content, root, files)) return paths.map(() => undefined)
  for (const [place, path] of paths.entries()) {
    const entry = files[place]
    if (entry === undefined) {
      answers.push(await (path === '' ? rootAt(content, root) : directoryAt(content, root, path)))
      continue
    }
    answers.push(pathOf(content.fileOf(entry)))
  }
  return answers
}

async function isEmpty(
  content: Content,
  root: Digest,
  found: readonly unknown[],
): Promise<boolean> {
  return found.every((entry) => entry === undefined) && (await content.totals(root)).count === 0
}

/** The whole tree as one directory: its root says all there is to know. */
async function rootAt(content: Content, root: Digest): Promise<TreePath | undefined> {
  const { count, size } = await content.totals(root)
  if (count === 0) return undefined
  return { path: '', directory: true, digest: root, executable: false, files: count, size }
}

async function directoryAt(
  content: Content,
  root: Digest,
  path: string,
): Promise<TreePath | undefined> {
  const sum = new DirectorySum(path)
  for await (const entry of content.scan(root, path === '' ? '' : `${path}/`)) {
    sum.add(content.fileOf(entry))
  }
  return sum.files === 0 ? undefined : sum.result()
}

type TreeFile = ReturnType<Content['fileOf']>

function pathOf({ path, digest, executable, size }: TreeFile): TreePath {
  return { path, directory: false, digest, executable, files: 1, size }
}

/** Adds up one directory while its files go by in tree order. */
class DirectorySum {
  readonly path: string
  files = 0
  #size = 0
  readonly #hash: Hash = createHash('sha256')

  constructor(path: string) {
    this.path = path
  }

  add({ path, digest, executable, size }: TreeFile): void {
    const relative = this.path === '' ? path : path.slice(this.path.length + 1)
    // Nothing is added for plain files: most directories keep the digest of before the bit counted.
    this.#hash.update(`${relative}\0${digest}${executable ? 'x' : ''}\n`)
    this.files++
    this.#size += size
  }

  result(): TreePath {
    const digest = this.#hash.digest('hex') as Digest
    const { path, files } = this
    return { path, directory: true, digest, executable: false, files, size: this.#size }
  }
}

/** The directories above the file at hand; only those that match are added up. */
class OpenDirectories {
  readonly #wanted: (path: string) => boolean
  /** Innermost last; `sum` undefined where the directory does not match. */
  readonly #stack: { readonly path: string; readonly sum: DirectorySum | undefined }[] = []
  #rootSeen = false

  constructor(wanted: (path: string) => boolean) {
    this.#wanted = wanted
  }

  /** Leaves directories the file is not in and enters those it is; answers what was left. */
  enter(file: string): TreePath[] {
    if (!this.#rootSeen) {
      this.#rootSeen = true
      this.#push('')
    }
    const closed: TreePath[] = []
    while (!isInside(file, this.#stack.at(-1)?.path ?? '')) closed.push(...this.#pop())
    const top = this.#stack.at(-1)?.path ?? ''
    let slash = file.indexOf('/', top === '' ? 0 : top.length + 1)
    for (; slash > 0; slash = file.indexOf('/', slash + 1)) this.#push(file.slice(0, slash))
    return closed
  }

  add(file: TreeFile): void {
    for (const { sum } of this.#stack) sum?.add(file)
  }

  closeAll(): TreePath[] {
    const closed: TreePath[] = []
    while (this.#stack.length > 0) closed.push(...this.#pop())
    return closed
  }

  #push(path: string): void {
    this.#stack.push({ path, sum: this.#wanted(path) ? new DirectorySum(path) : undefined })
  }

  #pop(): TreePath[] {
    const sum = this.#stack.pop()?.sum
    return sum === undefined ? [] : [sum.result()]
  }
}

const isInside = (file: string, directory: string): boolean =>
  directory === '' || (file.startsWith(directory) && file[directory.length] === '/')
