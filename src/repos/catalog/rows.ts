import type { CommitId, Digest } from '../../model/index.ts'
import type { BatchInfo, BatchRequest } from '../types/store.ts'
import type {
  BranchInfo,
  BranchInput,
  BranchTrigger,
  CommitInfo,
  CommitKey,
  CommitOrigin,
  ProjectInfo,
  RepoKey,
  RepoType,
  TagInfo,
} from '../types/values.ts'
import type { CatalogDb } from './catalog-db.ts'

type Row = Readonly<Record<string, unknown>>

export function projectFromRow(row: Row): ProjectInfo {
  return {
    name: row['name'] as string,
    description: row['description'] as string,
    createdAt: row['created_at'] as number,
  }
}

export interface RepoRow {
  readonly repo: RepoKey
  readonly project: string
  readonly name: string
  readonly type: RepoType
  readonly description: string
  readonly lane: string
  readonly createdAt: number
}

export function repoFromRow(row: Row): RepoRow {
  return {
    repo: row['repo'] as RepoKey,
    project: row['project'] as string,
    name: row['name'] as string,
    type: row['type'] as RepoType,
    description: row['description'] as string,
    lane: row['lane'] as string,
    createdAt: row['created_at'] as number,
  }
}

export function branchFromRow(db: CatalogDb, row: Row): BranchInfo {
  const repo = row['repo'] as RepoKey
  const branch = row['branch'] as string
  const trigger = row['trigger'] as string | null
  return {
    repo,
    branch,
    head: (row['head'] ?? undefined) as CommitId | undefined,
    inputs: db
      .all(
        `SELECT input_repo, input_branch, quiet FROM branch_inputs
         WHERE repo = ? AND branch = ? ORDER BY position`,
        repo,
        branch,
      )
      .map(inputFromRow),
    trigger: trigger === null ? undefined : (JSON.parse(trigger) as BranchTrigger),
    createdAt: row['created_at'] as number,
  }
}

function inputFromRow(row: Row): BranchInput {
  const key = { repo: row['input_repo'] as RepoKey, branch: row['input_branch'] as string }
  return row['quiet'] === 1 ? { ...key, quiet: true } : key
}

export function commitFromRow(db: CatalogDb, row: Row): CommitInfo {
  const repo = row['repo'] as RepoKey
  const id = row['id'] as CommitId
  const finishedAt = (row['finished_at'] ?? undefined) as number | undefined
  return {
    repo,
    id,
    sequence: row['sequence'] as number,
    branch: row['branch'] as string,
    parent: (row['parent'] ?? undefined) as CommitId | undefined,
    merged: (row['merged'] ?? undefined) as CommitId | undefined,
    origin: row['origin'] as CommitOrigin,
    state: finishedAt === undefined ? 'open' : 'finished',
    message: row['message'] as string,
    startedAt: row['started_at'] as number,
    finishedAt,
    error: (row['error'] ?? undefined) as string | undefined,
    files: row['files'] as Digest,
    datums: (row['datums'] ?? undefined) as Digest | undefined,
    size: row['size'] as number,
    count: row['count'] as number,
    provenance: db
      .all(
        'SELECT input_repo, input_id FROM commit_inputs WHERE repo = ? AND id = ? ORDER BY position',
        repo,
        id,
      )
      .map((input) => ({
        repo: input['input_repo'] as RepoKey,
        id: input['input_id'] as CommitId,
      })),
  }
}

export function keyFromRow(row: Row): CommitKey {
  return { repo: row['repo'] as RepoKey, id: row['id'] as CommitId }
}

export function tagFromRow(row: Row): TagInfo {
  return { ...keyFromRow(row), tag: row['tag'] as string }
}

export function batchFromRow(row: Row): BatchInfo {
  return {
    id: row['id'] as string,
    startedAt: row['started_at'] as number,
    requests: JSON.parse(row['requests'] as string) as BatchRequest[],
  }
}
