import type { RepoOp } from './catalog/ops.ts'
import { showBranch, showCommit } from './queries.ts'
import { showRepo } from './names/repo-key.ts'
import type { CatalogOp, StoreEvent } from './types/catalog.ts'

/** The facts a transaction's ops amount to. */
export function eventsOf(ops: readonly CatalogOp[], at: number): readonly StoreEvent[] {
  return ops.flatMap((op) => {
    const event = eventOf(op as RepoOp)
    return event === undefined ? [] : [{ ...event, at }]
  })
}

function eventOf(op: RepoOp): Omit<StoreEvent, 'at'> | undefined {
  switch (op.op) {
    case 'repo.set':
      return { type: 'repo.changed', subject: showRepo(op.repo), data: { repo: op.repo } }
    case 'repo.delete':
      return { type: 'repo.deleted', subject: showRepo(op.repo), data: { repo: op.repo } }
    case 'branch.set':
    case 'branch.head':
      return {
        type: 'branch.moved',
        subject: showBranch(op),
        data: { repo: op.repo, branch: op.branch, head: op.head },
      }
    case 'branch.delete':
      return {
        type: 'branch.deleted',
        subject: showBranch(op),
        data: { repo: op.repo, branch: op.branch },
      }
    case 'commit.start':
      return {
        type: 'commit.started',
        subject: showCommit(op),
        data: { repo: op.repo, id: op.id, branch: op.branch, origin: op.origin },
      }
    case 'commit.finish':
      return {
        type: 'commit.finished',
        subject: showCommit(op),
        data: { repo: op.repo, id: op.id, error: op.error, files: op.files, size: op.size },
      }
    case 'commit.remove':
      return { type: 'commit.removed', subject: showCommit(op), data: { repo: op.repo, id: op.id } }
    default:
      return undefined
  }
}
