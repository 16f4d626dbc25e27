import { EMPTY_TREE, parseFilePath, VarveError, type Digest } from '../../model/index.ts'
import { appended } from '../files/append.ts'
import { copyEdits } from '../files/copy.ts'
import { deletions } from '../files/delete.ts'
import { diffFiles } from '../files/diff.ts'
import { addSources } from '../files/intake.ts'
import {
  findFile,
  globFiles,
  listFiles,
  inspectFile,
  requireFile,
  walkFiles,
  type Content,
} from '../files/listing.ts'
import { mergeInto } from '../files/merge.ts'
import { targetRepo, writeContent } from '../files/write.ts'
import { parentOf } from '../history.ts'
import { requireRepo, showCommit } from '../queries.ts'
import { branchKey, resolveContent } from '../resolve.ts'
import type { Scope, Tx } from '../scope.ts'
import type { FileEdit, Files, WriteOptions } from '../types/files.ts'
import type { CommitInfo, CommitRef } from '../types/values.ts'

export function makeFiles(scope: Scope): Files {
  const contentOf = (ref: CommitRef): Content => {
    const commit = resolveContent(scope.db, ref)
    return { tools: scope.tools, root: commit.files, name: showCommit(commit) }
  }
  return {
    put: (target, sources, options = {}) =>
      scope.adding(async () => {
        const { lane } = requireRepo(scope.db, targetRepo(scope.db, target))
        const edits = await addSources(scope.tools, lane, sources)
        return scope.write((tx) => putEdits(tx, target, { edits, lane, options }))
      }),
    delete: (target, paths, options = {}) =>
      scope.write((tx) => {
        const change = async (root: Digest) => {
          const edits = await deletions(tx.tools.content, root, paths)
          return edits === 'everything' ? EMPTY_TREE : tx.tools.content.editFiles(root, edits)
        }
        return writeContent(tx, { target, message: options.message, change })
      }),
    copy: (target, from, path, options = {}) =>
      scope.write(async (tx) => {
        const source = resolveContent(tx.db, from.commit)
        const content = { tools: tx.tools, root: source.files, name: showCommit(source) }
        const edits = await copyEdits(content, from.path, path)
        const { lane } = requireRepo(tx.db, targetRepo(tx.db, target))
        return putEdits(tx, target, { edits, lane, options })
      }),
    edit: (target, edits, options = {}) =>
      scope.write((tx) => putEdits(tx, target, { edits: edits.map(checked), lane: '', options })),
    read: async (ref, path) => {
      const { digest } = await requireContent(contentOf(ref), path)
      const [bytes] = await scope.tools.content.read([digest])
      return bytes ?? new Uint8Array()
    },
    stream: (ref, path, range) => deferred(() => streamFile(contentOf(ref), path, range)),
    inspect: async (ref, path) => inspectFile(contentOf(ref), path),
    find: async (ref, path) => findFile(contentOf(ref), path),
    list: (ref, path = '') => deferred(() => listFiles(contentOf(ref), path)),
    walk: (ref, path = '') => deferred(() => walkFiles(contentOf(ref), path)),
    glob: (ref, matcher) => deferred(() => globFiles(contentOf(ref), matcher)),
    diff: (after, before, options = {}) =>
      deferred(() => {
        const now = resolveContent(scope.db, after)
        const old =
          before === undefined ? parentOf(scope.db, now) : resolveContent(scope.db, before)
        const sides = { tools: scope.tools, before: old?.files ?? EMPTY_TREE, after: now.files }
        return diffFiles(sides, options)
      }),
    merge: (into, from, options = {}) =>
      scope.write((tx) => mergeInto(tx, { into: branchKey(into), from, options })),
  }
}

/** Names are resolved when reading starts, so that a wrong one rejects the first read. */
async function* deferred<T>(items: () => AsyncIterable<T>): AsyncIterable<T> {
  yield* items()
}

interface Put {
  readonly edits: readonly FileEdit[]
  readonly lane: string
  readonly options: WriteOptions
}

function putEdits(tx: Tx, target: CommitRef, { edits, lane, options }: Put): Promise<CommitInfo> {
  const change = async (root: Digest) => {
    const wanted =
      options.append === true ? await appended(tx.tools, lane, { root, edits }) : lastOfEach(edits)
    return tx.tools.content.editFiles(root, wanted)
  }
  return writeContent(tx, { target, message: options.message, change })
}

/** Of several puts of one path the last wins. */
function lastOfEach(edits: readonly FileEdit[]): readonly FileEdit[] {
  return [...new Map(edits.map((edit) => [edit.path, edit])).values()]
}

function checked(edit: FileEdit): FileEdit {
  return { ...edit, path: parseFilePath(edit.path) }
}

async function requireContent(content: Content, path: string) {
  const found = await requireFile(content, path)
  if (found.kind === 'file') return found
  throw new VarveError('FILE_NOT_FOUND', {
    what: `"${path}" in ${content.name} is a directory, not a file.`,
    next: 'Name a file, or get the directory with --recursive.',
    data: { path, commit: content.name },
  })
}

async function* streamFile(
  content: Content,
  path: string,
  range: { readonly start?: number; readonly end?: number } | undefined,
): AsyncIterable<Uint8Array> {
  const { digest } = await requireContent(content, path)
  yield* content.tools.content.stream(digest, range)
}
