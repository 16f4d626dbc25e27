import { VarveError, type CommitId } from '../model/index.ts'
import { unreachable } from '../util/index.ts'
import { batchFromRow } from './catalog/rows.ts'
import type { CatalogDb } from './catalog/catalog-db.ts'
import { commitsOfSet } from './queries.ts'
import type { Scope, Tx } from './scope.ts'
import type { BatchInfo, BatchRequest, Batches } from './types/store.ts'

export function makeBatches(scope: Scope): Batches {
  return {
    start: () =>
      scope.write((tx) => {
        const info: BatchInfo = { id: tx.id, startedAt: tx.at, requests: [] }
        tx.emit({ op: 'batch.set', ...info })
        return info
      }),
    add: (id, request) =>
      scope.write((tx) => {
        const before = requireBatch(tx.db, id)
        const info = { ...before, requests: [...before.requests, request] }
        tx.emit({ op: 'batch.set', ...info })
        return info
      }),
    finish: (id) =>
      scope.write(async (tx) => {
        const { requests } = requireBatch(tx.db, id)
        for (const request of requests) {
          // What starts in a batch has the batch's id: it was told to the caller beforehand.
          if (request.kind === 'commit.start') tx.adoptId(id as CommitId)
          await perform(tx, request)
        }
        tx.emit({ op: 'batch.delete', id })
        return commitsOfSet(tx.db, tx.id).map(({ repo, id }) => ({ repo, id }))
      }),
    inspect: (id) => requireBatch(scope.db, id),
    list: () => scope.db.all('SELECT * FROM batches ORDER BY started_at, id').map(batchFromRow),
    delete: (id) =>
      scope.write((tx) => {
        requireBatch(tx.db, id)
        tx.emit({ op: 'batch.delete', id })
      }),
  }
}

function requireBatch(db: CatalogDb, id: string): BatchInfo {
  const row = db.get('SELECT * FROM batches WHERE id = ?', id)
  if (row !== undefined) return batchFromRow(row)
  throw new VarveError('TRANSACTION_NOT_FOUND', {
    what: `There is no transaction ${id}.`,
    data: { transaction: id },
  })
}

async function perform(tx: Tx, request: BatchRequest): Promise<unknown> {
  switch (request.kind) {
    case 'repo.create':
      return tx.repos.create(request.repo, { description: request.description ?? '' })
    case 'repo.update':
      return tx.repos.update(request.repo, { description: request.description })
    case 'repo.delete':
      return tx.repos.delete(request.repo, { force: request.force === true })
    case 'branch.set':
      return tx.branches.set(request.branch, request.change)
    case 'branch.delete':
      return tx.branches.delete(request.branch, { force: request.force === true })
    case 'commit.start':
      return tx.commits.start(request.branch, { message: request.message ?? '' })
    case 'commit.finish':
      return tx.commits.finish(request.commit, optionalMessage(request.message))
    case 'commit.squash':
      return tx.commits.squashSet(request.id, { recursive: request.recursive === true })
    case 'tag.set':
      return tx.tags.set(request.tag, request.commit)
    case 'file.copy':
      return tx.files.copy(request.target, request.from, request.path, request.options)
    case 'file.delete':
      return tx.files.delete(request.target, request.paths, request.options)
    default:
      return unreachable(request)
  }
}

function optionalMessage(message: string | undefined): { message?: string } {
  return message === undefined ? {} : { message }
}
