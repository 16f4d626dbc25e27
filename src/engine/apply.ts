import { existsSync, statSync } from 'node:fs'
import { dirname, relative, resolve } from 'node:path'
import { VarveError } from '../model/index.ts'
import type { PipelineSpec } from '../pipelines/index.ts'
import type { Nouns } from '../repos/index.ts'
import { asApplied, markApplied } from './applied-mark.ts'
import { digestsOf, withoutChanged } from './changed-since.ts'
import { bringIn, folderChanges, type FolderTarget } from './folder-sync.ts'
import type { Machinery } from './machinery.ts'
import type { DeclaredRepo } from './read-project-file.ts'
import { repoChange } from './repo-change.ts'

export interface ApplyOptions {
  /** Default: `varve.yaml` of the project. */
  readonly file?: string
  /** Says what would change, and changes nothing. */
  readonly dryRun?: boolean
  /** A project without a file is fine. */
  readonly ifPresent?: boolean
  /**
   * Does what the file says since it was edited, and leaves alone what another command changed since
   * it was applied: a warning names it.
   */
  readonly keepChanged?: boolean
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
  options: ApplyOptions,
): Promise<ApplyReport> {
  const { file = machinery.folder.projectFile, dryRun = false, keepChanged = false } = options
  if (options.ifPresent === true && !existsSync(file)) return nothing
  const isOwn = file === machinery.folder.projectFile
  const mark = isOwn ? asApplied(machinery) : undefined
  if (mark !== undefined && (keepChanged || mark.left.length === 0)) {
    const changes = await applyFolders(machinery, mark.targets, dryRun)
    return { changes, warnings: [...mark.warnings, ...mark.left] }
  }
  const { readProjectFile } = await import('./read-project-file.ts')
  const declared = await readProjectFile(file)
  const { warnings, files } = declared
  await machinery.pipelines.check(declared.pipelines)
  const targets = declared.repos.flatMap((repo) => targetOf(file, repo))
  const names = declared.repos.map(({ name }) => name)
  machinery.pipelines.checkGraph(declared.pipelines, names)
  const digests = digestsOf(declared)
  const { repos, pipelines, left } = keepChanged
    ? withoutChanged(machinery, declared, digests)
    : { ...declared, left: [] }
  if (!dryRun) await rehearse(machinery, repos, pipelines)
  const changes = [...(await applyRepos(machinery, repos, dryRun))]
  changes.push(...(await applyFolders(machinery, targets, dryRun)))
  changes.push(...(await applyPipelines(machinery, pipelines, dryRun)))
  if (isOwn && !dryRun) {
    await markApplied(machinery, { files, targets, warnings, declared: digests, left })
  }
  return { changes, warnings: [...warnings, ...left] }
}

/** Goes through with all of it in a transaction that is given up, so that it fails before it starts. */
async function rehearse(
  { pipelines }: Machinery,
  repos: readonly DeclaredRepo[],
  specs: readonly PipelineSpec[],
): Promise<void> {
  const first = async (tx: Nouns): Promise<void> => {
    for (const repo of repos) await applyRepo(tx, repo)
  }
  await pipelines.applyAll(specs, { first, rehearse: true })
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

/** One transaction for all of them; none when they are as declared. */
async function applyRepos(
  { store }: Machinery,
  repos: readonly DeclaredRepo[],
  dryRun: boolean,
): Promise<AppliedChange[]> {
  const due = repos.flatMap((repo) => {
    const verb = repoChange(store, repo)
    return verb === undefined ? [] : [{ repo, verb }]
  })
  if (due.length > 0 && !dryRun) {
    await store.transact(async (tx) => {
      for (const { repo } of due) await applyRepo(tx, repo)
    })
  }
  return due.map(({ repo: { name }, verb }) => ({
    kind: 'repo',
    name,
    text: `${verb} repo ${name}`,
  }))
}

async function applyRepo(nouns: Nouns, repo: DeclaredRepo): Promise<void> {
  const { name, description } = repo
  const verb = repoChange(nouns, repo)
  if (verb === 'update') await nouns.repos.update(name, { description })
  if (verb === 'create') await nouns.repos.create(name, description === '' ? {} : { description })
}

async function applyFolders(
  machinery: Machinery,
  targets: readonly FolderTarget[],
  dryRun: boolean,
): Promise<AppliedChange[]> {
  const changes: AppliedChange[] = []
  for (const target of targets) changes.push(...(await applyFolder(machinery, target, dryRun)))
  return changes
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
    put.length > 0 ? [`put ${countOf(put.length)}`] : [],
    deleted.length > 0 ? [`delete ${countOf(deleted.length)}`] : [],
  ].flat()
  if (parts.length === 0) return []
  const text = `${parts.join(' and ')} in ${target.repo}@${target.branch}`
  return [{ kind: 'files', name: target.repo, text }]
}

async function applyPipelines(
  { pipelines }: Machinery,
  specs: readonly PipelineSpec[],
  dryRun: boolean,
): Promise<AppliedChange[]> {
  const outcomes = specs.map((spec) => pipelines.wouldApply(spec))
  if (!dryRun && outcomes.some((outcome) => outcome !== 'unchanged')) {
    await pipelines.applyAll(specs)
  }
  return specs.flatMap(({ name }, place) => {
    const outcome = outcomes[place]
    if (outcome === undefined || outcome === 'unchanged') return []
    const verb = outcome === 'created' ? 'create' : 'update'
    return [{ kind: 'pipeline', name, text: `${verb} pipeline ${name}` }]
  })
}

function countOf(count: number): string {
  return count === 1 ? '1 file' : `${count} files`
}
