import { RowTable, rowsTopic, serviceGroup, type ServiceProgress } from '../../ingest/index.ts'
import type { RowsReport } from '../../materialize/index.ts'
import { repoKey } from '../../repos/index.ts'
import { enqueueLists, withLists } from '../named-lists.ts'
import { checkRequest, listRequest } from './check-request.ts'
import { fetchIntoShards } from './fetch-into-shards.ts'
import { finishState, saveState, wantedState } from './folder-state.ts'
import { repoName, type DownloadParts, type DownloadWork } from './parts.ts'
import type { DownloadReport, DownloadRequest } from './request.ts'
import { RowsEnding } from './rows-ending.ts'
import { writeShards } from './write-shards.ts'

interface Downloaded {
  readonly report: RowsReport
  readonly service?: ServiceProgress
}

/** Enqueues the list, fetches what has not ended yet, and writes the shards img2dataset would. */
export async function download(
  parts: DownloadParts,
  request: DownloadRequest,
): Promise<DownloadReport> {
  const { folder, store } = parts
  const { signal } = request
  await checkRequest(request)
  const repo = repoKey(repoName)
  if (!store.repos.exists(repo)) await store.repos.create(repo)
  return withLists(parts, listRequest(request), async (named) => {
    const ids = named.map(({ id }) => id)
    const state = await wantedState(folder, request, ids)
    const progress = (rows: number): void => request.progress?.({ kind: 'enqueued', rows })
    const lists = await enqueueLists(parts, { repo, lists: named }, { signal, progress })
    // Only now: a list that cannot be read must not take the place of the one that was.
    await saveState(folder, state)
    const work: DownloadWork = { table: new RowTable(store.db, repo), state, lists }
    if (request.retryFailed === true) await parts.ingest.retry(repoName)
    const { report, service }: Downloaded = (await allEnded(parts, work))
      ? { report: await writeShards(parts, request, { ...work, ending: RowsEnding.ended() }) }
      : await fetchIntoShards(parts, request, work)
    await finishState(folder, state)
    const { firstShard } = state
    return { ...report, firstShard, repo, lists, ...(service && { service }) }
  })
}

/** Whether every row has ended, and none is wished for anew. */
async function allEnded({ bus }: DownloadParts, { table, lists }: DownloadWork): Promise<boolean> {
  const queued = await bus.lag({ topic: rowsTopic(repoKey(repoName)), group: serviceGroup })
  if (queued > 0) return false
  return lists.every(({ id, rows }) => table.findList(id) && table.endedOf(id) >= rows)
}
