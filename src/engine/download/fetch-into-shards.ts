import type { ServiceProgress } from '../../ingest/index.ts'
import { VarveError } from '../../model/index.ts'
import type { DownloadParts, DownloadWork } from './parts.ts'
import type { DownloadProgress, DownloadRequest } from './request.ts'
import { RowsEnding } from './rows-ending.ts'
import { stampsOf, writeShards, type Written } from './write-shards.ts'

/** Shards grow with each commit: rare ones would leave most of their writing for the end. */
const commitEvery = { commitRows: 2500, commitSeconds: 1 }

export interface Fetched extends Written {
  readonly service: ServiceProgress
}

/**
 * Fetches rows that have no end yet, and writes shards as their rows end. What fails on one side
 * stops the other.
 */
export async function fetchIntoShards(
  parts: DownloadParts,
  request: DownloadRequest,
  work: DownloadWork,
): Promise<Fetched> {
  const ending = new RowsEnding()
  const fault = new AbortController()
  const stop = (error: unknown): void => {
    fault.abort(error)
    ending.some()
  }
  const written = new Set<number>()
  const asked: DownloadRequest = {
    ...request,
    signal: AbortSignal.any([request.signal, fault.signal]),
    progress: (progress: DownloadProgress) => {
      if (progress.kind === 'shard') written.add(progress.shard.shard)
      request.progress?.(progress)
    },
  }
  const write = () => writeShards(parts, asked, { ...work, ending, rewrite: true })
  const [service, first] = await Promise.all([
    fetchRows(parts, asked, { ...work, ending }).catch(stop),
    write().catch(stop),
  ])
  if (request.signal.aborted) throw interrupted(request)
  if (!service || !first) throw fault.signal.reason as Error
  // Before the second look: what changes from here on is for the next run.
  const writtenFrom = stampsOf(work)
  // Rows that ended once more may lie in shards that were written before.
  const report = service.again === 0 ? first : await write()
  return { report: { ...report, kept: report.shards - written.size }, service, writtenFrom }
}

async function fetchRows(
  { ingest }: DownloadParts,
  request: DownloadRequest,
  { repo, ending }: Pick<DownloadWork, 'repo'> & { readonly ending: RowsEnding },
): Promise<ServiceProgress> {
  const { image, fetch, computeHash, concurrency, signal, verifyColumn, regionColumn } = request
  let commits = 0
  const service = await ingest.serve({
    repo,
    media: 'image',
    image,
    fetch,
    computeHash: computeHash ?? 'none',
    concurrency,
    ...commitEvery,
    untilIdle: true,
    signal,
    ...(verifyColumn === undefined ? {} : { verifyColumn }),
    ...(regionColumn === undefined ? {} : { regionColumn }),
    progress: (progress) => {
      if (progress.commits > commits) ending.some()
      ;({ commits } = progress)
      request.progress?.({ kind: 'fetching', service: progress })
    },
  })
  signal.throwIfAborted()
  ending.over()
  return service
}

function interrupted({ outputFolder }: DownloadRequest): VarveError {
  return new VarveError('INTERRUPTED', {
    what: 'The download was stopped before its end.',
    next: `Run the same command again: it goes on where it stopped, in ${outputFolder}.`,
  })
}
