import { existsSync, statSync } from 'node:fs'
import { dirname, relative, resolve } from 'node:path'
import { VarveError } from '../model/index.ts'
import type { PipelineSpec } from '../pipelines/index.ts'
import { bringIn, folderChanges, type FolderTarget } from './folder-sync.ts'
import type { Machinery } from './machinery.ts'
import { readProjectFile, type DeclaredRepo } from './read-project-file.ts'

export interface ApplyOptions {
  /** Default: `varve.yaml` of the project. */
  readonly file?: string
  /** Says what would change, and changes nothing. */
  readonly dryRun?: boolean
  /** A project without a file is fine. */
  readonly ifPresent?: boolean
}

export interface AppliedChange {
  readonly kind: 'repo' | 'files' | 'pipeline'
  readonly name: string
  /** As a command: "create repo images". */
  readonly text: string
}

export interface ApplyReport {
  readonly changes: readonly AppliedChange[]
  readonly warnings: readonly string[]
}

const nothing: ApplyReport = { changes: [], warnings: [] }

/**
 * Makes the project as its file declares it: creates repos, carries changes of `from:` folders over,
 * creates pipelines and updates those whose spec differs. Checks everything before it changes
 * anything; what the file does not name stays as it is.
 */
export async function applyProject(
  machinery: Machinery,
  { file = machinery.folder.projectFile, dryRun = false, ifPresent = false }: ApplyOptions,
): Promise<ApplyReport> {
  if (ifPresent && !existsSync(file)) return nothing
  const { repos, pipelines, warnings } = await readProjectFile(file)
  await machinery.pipelines.check(pipelines)
  const targets = repos.flatMap((repo) => targetOf(file, repo))
  const changes: AppliedChange[] = []
  for (const repo of repos) changes.push(...(await applyRepo(machinery, repo, dryRun)))
  for (const target of targets) changes.push(...(await applyFolder(machinery, target, dryRun)))
  for (const spec of pipelines) changes.push(...(await applyPipeline(machinery, spec, dryRun)))
  return { changes, warnings }
}

/** `from` folders must be there before anything is changed. */
function targetOf(file: string, { name, from }: DeclaredRepo): FolderTarget[] {
  if (from === undefined) return []
  const folder = resolve(dirname(file), from)
  if (statSync(folder, { throwIfNoEntry: false })?.isDirectory() !== true) {
    throw new VarveError('SPEC_INVALID', {
      what: `Repo "${name}" is filled from ${relative(process.cwd(), folder)}, which is no folder.`,
      next: 'Make the folder, or correct `from:` in the project file.',
      data: { repo: name, folder },
    })
  }
  return [{ repo: name, branch: 'master', folder }]
}

async function applyRepo(
  { store }: Machinery,
  { name, description }: DeclaredRepo,
  dryRun: boolean,
): Promise<AppliedChange[]> {
  if (!store.repos.exists(name)) {
    if (!dryRun) await store.repos.create(name, description === '' ? {} : { description })
    return [{ kind: 'repo', name, text: `create repo ${name}` }]
  }
  if (description === '' || store.repos.inspect(name).description === description) return []
  if (!dryRun) await store.repos.update(name, { description })
  return [{ kind: 'repo', name, text: `update repo ${name}` }]
}

async function applyFolder(
  { folder, store }: Machinery,
  target: FolderTarget,
  dryRun: boolean,
): Promise<AppliedChange[]> {
  const changes = await folderChanges(folder, store, target)
  if (!dryRun) await bringIn(folder, store, { ...target, changes })
  const { put, deleted } = changes
  const parts = [
    put.length > 0 ? [`put ${files(put.length)}`] : [],
    deleted.length > 0 ? [`delete ${files(deleted.length)}`] : [],
  ].flat()
  if (parts.length === 0) return []
  const text = `${parts.join(' and ')} in ${target.repo}@${target.branch}`
  return [{ kind: 'files', name: target.repo, text }]
}

async function applyPipeline(
  { pipelines }: Machinery,
  spec: PipelineSpec,
  dryRun: boolean,
): Promise<AppliedChange[]> {
  const outcome = dryRun ? pipelines.wouldApply(spec) : await pipelines.apply(spec)
  if (outcome === 'unchanged') return []
  const verb = outcome === 'created' ? 'create' : 'update'
  return [{ kind: 'pipeline', name: spec.name, text: `${verb} pipeline ${spec.name}` }]
}

function files(count: number): string {
  return count === 1 ? '1 file' : `${count} files`
}
