/** Folder `fetch`: polite, guarded, bounded requests behind one door. */
export { openFetcher } from './fetcher.ts'
export type {
  Fetcher,
  FetcherOptions,
  FetchOutcome,
  FetchRequest,
  HostCondition,
  HostReport,
} from './types.ts'
