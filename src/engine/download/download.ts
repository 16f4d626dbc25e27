import { RowTable, rowsTopic, serviceGroup } from '../../ingest/index.ts'
import { repoKey, type RepoKey } from '../../repos/index.ts'
import { enqueueLists, listReport, withLists } from '../named-lists.ts'
import { checkRequest, listRequest } from './check-request.ts'
import { clearFolder } from './clear-folder.ts'
import { fetchIntoShards, type Fetched } from './fetch-into-shards.ts'
import { finishState, saveState, wantedState } from './folder-state.ts'
import type { DownloadParts, DownloadWork } from './parts.ts'
import type { DownloadReport, DownloadRequest } from './request.ts'
import { RowsEnding } from './rows-ending.ts'
import { stampsOf, writeShards, type Written } from './write-shards.ts'

/** Enqueues the list, fetches what has not ended yet, and writes the shards img2dataset would. */
export async function download(
  parts: DownloadParts,
  request: DownloadRequest,
): Promise<DownloadReport> {
  const { store } = parts
  const { signal, outputFolder } = request
  await checkRequest(request)
  const repo = await repoToFill(parts, request)
  return withLists(parts, listRequest(request), async (named) => {
    const ids = named.map(({ id }) => id)
    const state = await wantedState(request, ids)
    const progress = (rows: number): void => request.progress?.({ kind: 'enqueued', rows })
    const lists = await enqueueLists(parts, { repo, lists: named }, { signal, progress })
    // Only now: a list that cannot be read must not take the place of the one that was.
    await saveState(outputFolder, state)
    const work: DownloadWork = { repo, table: new RowTable(store.db, repo), state, lists }
    if (request.retryFailed === true) await parts.ingest.retry(repo)
    const { report, service, writtenFrom }: Written & Partial<Fetched> = (await allEnded(
      parts,
      work,
    ))
      ? await writeAgain(parts, request, work)
      : await fetchIntoShards(parts, request, work)
    await finishState(outputFolder, state, writtenFrom)
    const { firstShard } = state
    const told = lists.map((list) => listReport(list))
    const failed = report.failedToDownload + report.failedToResize
    const errors = failed > 0 ? work.table.totals().errors : []
    return { ...report, firstShard, repo, lists: told, errors, ...(service && { service }) }
  })
}

/**
 * A repo that is named is somebody's already: its rows and files stay, whatever becomes of the output
 * folder. @throws REPO_NOT_FOUND, TARGET_FOREIGN
 */
async function repoToFill(
  { folder, store }: DownloadParts,
  request: DownloadRequest,
): Promise<RepoKey> {
  if (request.repo === undefined) {
    const own = repoKey('images')
    if (!store.repos.exists(own)) await store.repos.create(own)
    return own
  }
  const { repo } = store.repos.inspect(repoKey(request.repo))
  if (request.incrementalMode === 'overwrite') await clearFolder(request, folder.directory)
  return repo
}

/**
 * Writes what is missing; and what has changed, where rows have ended since all shards were written:
 * in a run that was stopped before its shards were, for another folder, by a service.
 */
async function writeAgain(
  parts: DownloadParts,
  request: DownloadRequest,
  work: DownloadWork,
): Promise<Written> {
  const writtenFrom = stampsOf(work)
  const rewrite = writtenFrom !== work.state.writtenFrom
  const ending = RowsEnding.ended()
  return { report: await writeShards(parts, request, { ...work, ending, rewrite }), writtenFrom }
}

/** Whether every row has ended, and none is wished for anew. */
async function allEnded(
  { bus }: DownloadParts,
  { repo, table, lists }: DownloadWork,
): Promise<boolean> {
  const queued = await bus.lag({ topic: rowsTopic(repo), group: serviceGroup })
  if (queued > 0) return false
  return lists.every(({ id, rows }) => table.findList(id) && table.endedOf(id) >= rows)
}
