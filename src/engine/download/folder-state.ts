import { hash } from 'node:crypto'
import { existsSync, readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { nextShard, notesFolder } from '../../materialize/index.ts'
import { VarveError } from '../../model/index.ts'
import { writeWhole } from '../write-whole.ts'
import type { DownloadRequest } from './request.ts'

/** What the shards of a folder are made from. Kept beside them, so that the next run knows. */
export interface FolderState {
  /** Digest of the options that change what the files hold: a folder has one set of them. */
  readonly options: string
  readonly lists: readonly string[]
  /** Number of the lists' first shard: those before are of lists that were there before. */
  readonly firstShard: number
  /** The lists are being added: until that is done, `extend` with the same lists goes on with it. */
  readonly extending?: true
  /** Stamps of the rows that all shards were last written from; absent until they all were. */
  readonly writtenFrom?: string
}

/**
 * What the folder is going to be made from, when the request is met; it changes nothing yet.
 * @throws DOWNLOAD_CHANGED
 */
export async function wantedState(
  request: DownloadRequest,
  lists: readonly string[],
): Promise<FolderState> {
  const { incrementalMode: mode, outputFolder } = request
  const before = savedState(outputFolder)
  const options = optionsDigest(request)
  if (mode === 'overwrite') return { options, lists, firstShard: 0 }
  if (before !== undefined && before.options !== options) throw otherOptions(request)
  const isSame = before?.lists.join() === lists.join()
  if (mode === 'extend') {
    if (isSame && before?.extending === true) return before
    return { options, lists, firstShard: await nextShard(resolve(outputFolder)), extending: true }
  }
  if (before === undefined) return { options, lists, firstShard: 0 }
  if (!isSame) throw otherList(request, { before: before.lists, now: lists })
  return before
}

export async function saveState(outputFolder: string, state: FolderState): Promise<void> {
  await writeWhole(stateFile(outputFolder), JSON.stringify(state))
}

/** All shards of the lists are there, written from rows with these stamps. */
export async function finishState(
  outputFolder: string,
  state: FolderState,
  writtenFrom: string,
): Promise<void> {
  const { extending, ...finished } = state
  if (extending === undefined && state.writtenFrom === writtenFrom) return
  await saveState(outputFolder, { ...finished, writtenFrom })
}

function savedState(outputFolder: string): FolderState | undefined {
  const file = stateFile(outputFolder)
  return existsSync(file) ? (JSON.parse(readFileSync(file, 'utf8')) as FolderState) : undefined
}

/** Whether a download has filled the folder: a store alone may be anybody's project. */
export function hasState(outputFolder: string): boolean {
  return existsSync(stateFile(outputFolder))
}

function stateFile(outputFolder: string): string {
  return join(resolve(outputFolder), notesFolder, 'download.json')
}

function optionsDigest(request: DownloadRequest): string {
  const { image, computeHash, outputFormat, numberSamplePerShard, oomShardCount } = request
  const told = [image, computeHash, outputFormat, numberSamplePerShard, oomShardCount]
  return hash('sha256', JSON.stringify(told), 'hex').slice(0, 16)
}

function otherOptions({ outputFolder }: DownloadRequest): VarveError {
  return new VarveError('DOWNLOAD_CHANGED', {
    what: `${outputFolder} was filled with other options for images, hashes or shards.`,
    next: 'Use the options it was begun with, another folder, or `--incremental_mode overwrite`.',
  })
}

function otherList({ urlList, outputFolder }: DownloadRequest, data: object): VarveError {
  return new VarveError('DOWNLOAD_CHANGED', {
    what: `${urlList} is not the list that ${outputFolder} was filled from, or has changed since.`,
    next: 'Add it with `--incremental_mode extend`, or start anew with `overwrite`.',
    data: { ...data },
  })
}
