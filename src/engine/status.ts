import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { JobInfo, PipelineInfo } from '../jobs/index.ts'
import type { Store } from '../repos/index.ts'
import type { ObjectStore } from '../storage/index.ts'
import type { ProjectFolder } from './project-folder.ts'
import type { Status } from './values.ts'

export interface StatusSources {
  readonly folder: ProjectFolder
  readonly store: Store
  readonly objects: ObjectStore
  readonly pipelines: readonly PipelineInfo[]
  readonly openJobs: readonly JobInfo[]
}

export async function statusOf(sources: StatusSources): Promise<Status> {
  const { folder, store, pipelines } = sources
  const segments = await sources.objects.list('segments/')
  const branches = store.branches.list().flatMap((branch) => {
    if (branch.head === undefined) return []
    const head = store.commits.find({ repo: branch.repo, id: branch.head })
    return head === undefined || branch.repo.endsWith('.meta') ? [] : [{ branch, head }]
  })
  return {
    directory: folder.directory,
    writer: writerOf(folder),
    storeBytes: segments.reduce((sum, { size }) => sum + size, 0),
    segments: segments.length,
    repos: branches.map(({ branch, head }) => ({
      repo: branch.repo,
      branch: branch.branch,
      head: head.id,
      count: head.count,
      size: head.size,
      changedAt: head.finishedAt ?? head.startedAt,
    })),
    pipelines,
    openCommits: branches
      .filter(({ head }) => head.state === 'open' && head.origin === 'USER')
      .map(({ branch, head }) => ({ repo: branch.repo, branch: branch.branch, id: head.id })),
    dueJobs: sources.openJobs.map(({ pipeline, id }) => ({ pipeline, id })),
  }
}

interface LockOwner {
  readonly pid: number
  readonly command: string
}

/** The note a writer leaves; it outlives a killed one, so the process is looked for. */
export function writerOf(folder: ProjectFolder): string | undefined {
  try {
    const text = readFileSync(join(folder.store, 'writer.json'), 'utf8')
    const { pid, command } = JSON.parse(text) as LockOwner
    if (pid === process.pid) return undefined
    process.kill(pid, 0)
    return `process ${pid} (${command})`
  } catch {
    return undefined
  }
}
