/** Room `ingest`: URL lists in, files and row states out. What is heavy loads with its first use. */
export type { EnqueuedList, NamedList } from './enqueue.ts'
export type { FetcherOptions, HostReport } from './fetch/index.ts'
export type { ImageOptions } from './image/index.ts'
export type { ListFormat, ListOptions } from './lists/index.ts'
export type { MediaKind } from './media.ts'
export type { BodyHasher, HashName } from './body-hash.ts'
export type { MediaProcessor } from './row-work.ts'
export { typedColumns, type CellTypes } from './rows/cell-types.ts'
export type { ListEnd } from './rows/ops.ts'
export { ingestReducer } from './rows/reducer.ts'
export { ingestedRepos, RowTable, type RowQuery, type RowTotals } from './rows/row-table.ts'
export {
  retriedStatuses,
  rowStatuses,
  type RowInfo,
  type RowKey,
  type RowStatus,
} from './rows/row.ts'
export type { ServiceOptions, ServiceProgress } from './service.ts'
export { repoOfRows, rowsTopic, serviceGroup } from './topics.ts'

/** Reading lists and putting their rows on the bus. */
export async function loadEnqueue() {
  const [lists, enqueue, waiting] = await Promise.all([
    import('./lists/index.ts'),
    import('./enqueue.ts'),
    import('./waiting-lists.ts'),
  ])
  const { waitingLists } = waiting
  const { listFiles, readList, refuseReservedColumns, saveStandardInput } = lists
  const { enqueueAgain, enqueueList, nameList } = enqueue
  return {
    enqueueAgain,
    enqueueList,
    listFiles,
    nameList,
    readList,
    refuseReservedColumns,
    saveStandardInput,
    waitingLists,
  }
}

/** Fetching what is on the bus. */
export async function loadService() {
  const [service, media, fetch] = await Promise.all([
    import('./service.ts'),
    import('./media.ts'),
    import('./fetch/index.ts'),
  ])
  const [{ runService }, { openMedia }, { openFetcher }] = [service, media, fetch]
  return { openFetcher, openMedia, runService }
}
