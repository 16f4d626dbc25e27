import type { RepoKey } from '../repos/index.ts'

const rowsPrefix = 'ingest.rows/'

/** Rows of lists waiting to be fetched for a repo, keyed by URL. */
export function rowsTopic(repo: RepoKey): string {
  return rowsPrefix + repo
}

/** The repo whose rows a topic holds; undefined for any other topic. */
export function repoOfRows(topic: string): RepoKey | undefined {
  return topic.startsWith(rowsPrefix) ? (topic.slice(rowsPrefix.length) as RepoKey) : undefined
}

/** Lists that were read to their end. */
export function listsTopic(repo: RepoKey): string {
  return `ingest.lists/${repo}`
}

/** The consumer group of the services that fetch. */
export const serviceGroup = 'service'
