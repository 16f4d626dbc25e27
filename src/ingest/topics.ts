import type { RepoKey } from '../repos/index.ts'

/** Rows of lists waiting to be fetched for a repo, keyed by URL. */
export function rowsTopic(repo: RepoKey): string {
  return `ingest.rows/${repo}`
}

/** Lists that were read to their end. */
export function listsTopic(repo: RepoKey): string {
  return `ingest.lists/${repo}`
}

/** The consumer group of the services that fetch. */
export const serviceGroup = 'service'
