import { createHash, hash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { type Digest, fileNameOf } from '../model/index.ts'
import { naming, type Store, streamLocal } from '../repos/index.ts'
import { CommitDraft } from './commit-draft.ts'
import { folderFiles, type FolderFile } from './folder-files.ts'
import type { ProjectFolder } from './project-folder.ts'
import { writeWhole } from './write-whole.ts'

type FileState = readonly [size: number, mtimeMs: number, digest: Digest, executable?: true]

/** What a folder held when it was last brought into its repo, by path. */
type FolderState = Record<string, FileState>

export interface FolderChanges {
  /** Files to put, with where they lie. */
  readonly put: readonly FolderFile[]
  readonly deleted: readonly string[]
  readonly state: FolderState
}

export interface FolderTarget {
  readonly repo: string
  readonly branch: string
  /** Absolute path of the folder that fills the repo. */
  readonly folder: string
}

const wholeBytes = 4 * 1024 * 1024

/**
 * What changed in the folder since it was last brought in. A file whose size and time are as
 * they were is taken as unchanged; any other is compared by content. What people changed in the
 * repo by hand stays: only changes of the folder are carried over.
 */
export async function folderChanges(
  folder: ProjectFolder,
  store: Store,
  target: FolderTarget,
): Promise<FolderChanges> {
  const known = readState(folder, target)
  const before = known ?? (await stateOfBranch(store, target))
  const state: FolderState = {}
  const put: FolderFile[] = []
  for (const file of folderFiles(target.folder)) {
    const last = before[file.path]
    const isSameMode = (last?.[3] === true) === file.executable
    if (last !== undefined && isSameMode && last[0] === file.size && last[1] === file.mtimeMs) {
      state[file.path] = last
      continue
    }
    const digest = await digestOfFile(file)
    state[file.path] = fileState(file.size, file.mtimeMs, { digest, executable: file.executable })
    if (last?.[2] !== digest || !isSameMode) put.push(file)
  }
  // Without a state of its own the folder is new to this repo: then nothing in it was "deleted".
  const deleted = known === undefined ? [] : Object.keys(before).filter((path) => !(path in state))
  return { put, deleted, state }
}

/** Brings the changes into the branch, in one commit. */
export async function bringIn(
  folder: ProjectFolder,
  store: Store,
  target: FolderTarget & { readonly changes: FolderChanges },
): Promise<void> {
  const { repo, branch, changes } = target
  if (changes.put.length > 0 || changes.deleted.length > 0) {
    await store.adding(async () => {
      const draft = new CommitDraft(store, repo, branch)
      for (const { path, file, size, executable } of changes.put) {
        if (size > wholeBytes) await draft.putFile(path, file)
        else await draft.put(path, wholeFile(file), { executable })
      }
      for (const path of changes.deleted) await draft.delete(path)
      await draft.finish('varve apply')
    })
  }
  await writeWhole(stateFile(folder, target), JSON.stringify(changes.state))
}

function fileState(
  size: number,
  mtimeMs: number,
  { digest, executable }: { readonly digest: Digest; readonly executable: boolean },
): FileState {
  return executable ? [size, mtimeMs, digest, true] : [size, mtimeMs, digest]
}

/** Without a state of its own, what the branch holds is what is compared with. */
async function stateOfBranch(store: Store, { repo, branch }: FolderTarget): Promise<FolderState> {
  const state: FolderState = {}
  if (!store.repos.exists(repo)) return state
  const head = `${repo}@${branch}`
  if (store.branches.find(head)?.head === undefined) return state
  for await (const info of store.files.walk(head)) {
    if (info.kind === 'file') state[info.path] = fileState(-1, -1, info)
  }
  return state
}

async function digestOfFile({ file, size }: FolderFile): Promise<Digest> {
  if (size <= wholeBytes) return hash('sha256', wholeFile(file), 'hex') as Digest
  const sum = createHash('sha256')
  for await (const chunk of streamLocal(file)) sum.update(chunk)
  return sum.digest('hex') as Digest
}

function wholeFile(file: string): Uint8Array {
  return naming(file, () => readFileSync(file))
}

function readState(folder: ProjectFolder, target: FolderTarget): FolderState | undefined {
  try {
    return JSON.parse(readFileSync(stateFile(folder, target), 'utf8')) as FolderState
  } catch {
    return undefined
  }
}

function stateFile(folder: ProjectFolder, { repo, branch }: FolderTarget): string {
  return join(folder.store, 'folders', `${fileNameOf(`${repo}@${branch}`)}.json`)
}
