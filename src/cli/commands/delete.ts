import type { Command } from 'commander'
import type { Rehearsal } from '../../engine/index.ts'
import { VarveError } from '../../model/index.ts'
import type { Cli } from '../cli.ts'
import { alsoTakes, subject, verb, withProject } from '../command.ts'
import { plural } from '../format.ts'
import { commitReference, fileReferenceWithPath, inProject } from '../names.ts'
import { noDefaults } from './defaults.ts'
import { deleteAll, deleteSecret, deleteTag, deleteTransaction } from './delete-local.ts'
import { inTransaction, refuseInTransaction } from '../transaction.ts'
import { wouldDelete } from '../would-delete.ts'

interface DeleteOptions {
  readonly force?: boolean
  readonly all?: boolean
  readonly dryRun?: boolean
  readonly recursive?: boolean
  readonly keepRepo?: boolean
  readonly allProjects?: boolean
  readonly message?: string
  readonly project?: string
}

export function deleteVerb(cli: Cli): Command {
  const command = verb('delete', 'Deletes repos, branches, commits, files, pipelines, jobs …')
  deleteProject(cli, command)
  deleteRepo(cli, command)
  deleteBranch(cli, command)
  deleteCommit(cli, command)
  deleteFile(cli, command)
  deletePipeline(cli, command)
  deleteJob(cli, command)
  deleteTag(cli, command)
  deleteSecret(cli, command)
  deleteTransaction(cli, command)
  deleteAll(cli, command)
  noDefaults(cli, command)
  return command
}

function dryRun(command: Command): Command {
  return command.option('--dry-run', 'say what would be deleted, and delete nothing')
}

function deleteProject(cli: Cli, parent: Command): void {
  dryRun(subject(parent, 'project <name>', 'a project without repos'))
    .option('-f, --force', 'with all its repos and pipelines')
    .action(async (name: string, options: DeleteOptions) => {
      const varve = await cli.open(options.dryRun === true ? 'read' : 'write')
      const project = varve.projects.inspect(name)
      if (options.dryRun === true) {
        await varve.rehearse((tx) => tx.projects.delete(name, force(options)))
        const repos = varve.repos.list({ project: project.name, type: 'all' })
        return wouldDelete(cli, [`project ${name}`, ...repos.map(({ repo }) => `repo ${repo}`)])
      }
      await varve.projects.delete(name, force(options))
      await cli.print({ deleted: name }, () => '')
    })
}

function deleteRepo(cli: Cli, parent: Command): void {
  const command = withProject(subject(parent, 'repo [name]', 'a repo with all its history'))
  alsoTakes(dryRun(command), ['-A, --all-projects'])
    .option('-f, --force', 'even when other branches are computed from it, or a pipeline writes it')
    .option('--all', 'every repo')
    .action(async (name: string | undefined, options: DeleteOptions) => {
      if (name === undefined && options.all !== true) throw needs('a repo')
      const varve = await cli.open(options.dryRun === true ? 'read' : 'write')
      const repos =
        name === undefined
          ? varve.repos.list(projectOf(options))
          : [varve.repos.inspect(inProject(name, options.project))]
      const forced = force(name === undefined ? { force: true } : options)
      if (options.dryRun === true) {
        for (const { repo } of repos) await varve.rehearse((tx) => tx.repos.delete(repo, forced))
        return wouldDelete(
          cli,
          repos.map(({ repo }) => `repo ${repo}`),
        )
      }
      for (const { repo } of repos) {
        await inTransaction(cli, { kind: 'repo.delete', repo, ...forced }, () =>
          varve.repos.delete(repo, forced),
        )
      }
    })
}

function deleteBranch(cli: Cli, parent: Command): void {
  dryRun(withProject(subject(parent, 'branch <repo@branch>', 'a branch; its commits stay')))
    .option('-f, --force', 'even when other branches are computed from it')
    .action(async (name: string, options: DeleteOptions) => {
      const varve = await cli.open(options.dryRun === true ? 'read' : 'write')
      const { repo, branch } = varve.branches.inspect(commitReference(name, options.project))
      if (options.dryRun === true) {
        await varve.rehearse((tx) => tx.branches.delete(`${repo}@${branch}`, force(options)))
        return wouldDelete(cli, [`branch ${repo}@${branch}`])
      }
      const request = {
        kind: 'branch.delete',
        branch: `${repo}@${branch}`,
        ...force(options),
      } as const
      await inTransaction(cli, request, () => varve.branches.delete(request.branch, force(options)))
    })
}

function deleteCommit(cli: Cli, parent: Command): void {
  dryRun(
    withProject(
      subject(
        parent,
        'commit <repo@commit>',
        'a head commit: its branch falls back; or a set, by its id',
      ),
    ).alias('commitV2'),
  )
    .option('-r, --recursive', 'with the commits computed from it')
    .action(async (reference: string, options: DeleteOptions) => {
      const varve = await cli.open(options.dryRun === true ? 'read' : 'write')
      const recursive = options.recursive === true
      const drop = ({ commits }: Pick<Rehearsal, 'commits'>): ReturnType<typeof commits.drop> =>
        varve.isCommitId(reference)
          ? commits.dropSet(reference)
          : commits.drop(commitReference(reference, options.project), { recursive })
      if (options.dryRun === true) {
        const gone = await varve.rehearse(drop)
        return wouldDelete(
          cli,
          gone.map(({ repo, id }) => `commit ${repo}@${id}`),
        )
      }
      await refuseInTransaction(varve, 'delete commit')
      const dropped = await drop(varve)
      await cli.print({ deleted: dropped }, () => '')
    })
}

function deleteFile(cli: Cli, parent: Command): void {
  dryRun(withProject(subject(parent, 'file <repo@branch:path...>', 'files, or folders with -r')))
    .option('-r, --recursive', 'folders with all below')
    .option('-m, --message <text>', 'what the commit is for')
    .action(async (references: string[], options: DeleteOptions) => {
      const varve = await cli.open(options.dryRun === true ? 'read' : 'write')
      const targets = references.map((text) => fileReferenceWithPath(text, options.project))
      const commit = targets[0]?.commit ?? ''
      if (targets.some((target) => target.commit !== commit)) {
        throw new VarveError('USAGE', {
          what: 'The files are on different branches.',
          next: 'Delete the files of one branch at a time.',
        })
      }
      const paths = targets.map(({ path }) => path)
      if (options.recursive !== true) await refuseFolders(cli, commit, paths)
      if (options.dryRun === true)
        return wouldDelete(
          cli,
          paths.map((path) => `file ${commit}:${path}`),
        )
      const message = options.message === undefined ? {} : { message: options.message }
      const request = { kind: 'file.delete', target: commit, paths, options: message } as const
      await inTransaction(cli, request, () => varve.files.delete(commit, paths, message))
    })
}

async function refuseFolders(cli: Cli, commit: string, paths: readonly string[]): Promise<void> {
  const varve = await cli.open('read')
  for (const path of paths) {
    const info = await varve.files.find(commit, path)
    if (info?.kind !== 'directory') continue
    throw new VarveError('USAGE', {
      what: `"${path}" is a folder with ${plural(info.count, 'file')}.`,
      next: 'Add -r to delete it with all below.',
      data: { path, count: info.count },
    })
  }
}

function deletePipeline(cli: Cli, parent: Command): void {
  const command = subject(parent, 'pipeline [name]', 'a pipeline, its jobs and its output repo')
  alsoTakes(dryRun(withProject(command)), ['-A, --all-projects'])
    .option('-f, --force', 'even when other pipelines read it')
    .option('--all', 'every pipeline')
    .option('--keep-repo', 'keep its output repo')
    .action(async (name: string | undefined, options: DeleteOptions) => {
      if (name === undefined && options.all !== true) throw needs('a pipeline')
      const varve = await cli.open(options.dryRun === true ? 'read' : 'write')
      const pipelines =
        name === undefined
          ? varve.pipelines.list(projectOf(options))
          : [varve.pipelines.inspect(inProject(name, options.project))]
      const dryRun = options.dryRun === true
      const how = {
        keepRepo: options.keepRepo === true,
        force: name === undefined || options.force === true,
        dryRun,
      }
      if (!dryRun) await refuseInTransaction(varve, 'delete pipeline')
      for (const { key } of [...pipelines].reverse()) await varve.pipelines.delete(key, how)
      if (dryRun) {
        return wouldDelete(
          cli,
          pipelines.map(({ key }) => `pipeline ${key}`),
        )
      }
      await cli.print({ deleted: pipelines.map(({ key }) => key) }, () => '')
    })
}

function deleteJob(cli: Cli, parent: Command): void {
  dryRun(
    withProject(subject(parent, 'job <pipeline@job>', 'a job; its output commit stays')),
  ).action(async (reference: string, options: DeleteOptions) => {
    const varve = await cli.open(options.dryRun === true ? 'read' : 'write')
    const job = inProject(reference, options.project)
    const info = varve.jobs.inspect(job)
    if (options.dryRun === true) return wouldDelete(cli, [`job ${info.pipeline}@${info.id}`])
    await varve.jobs.delete(job)
    await cli.print({ deleted: reference }, () => '')
  })
}

function projectOf({ project, allProjects }: DeleteOptions): { readonly project?: string } {
  return project === undefined || allProjects === true ? {} : { project }
}

function force(options: { readonly force?: boolean }): { force?: boolean } {
  return options.force === true ? { force: true } : {}
}

function needs(what: string): VarveError {
  return new VarveError('USAGE', { what: `Name ${what}, or use --all.` })
}
