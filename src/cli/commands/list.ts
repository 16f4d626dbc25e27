import type { Command } from 'commander'
import type { CommitInfo, Varve } from '../../engine/index.ts'
import { VarveError } from '../../model/index.ts'
import type { Cli } from '../cli.ts'
import { collected } from '../collected.ts'
import { commitOrigin } from '../commit-origin.ts'
import { alsoTakes, subject, verb, withProject, withRaw } from '../command.ts'
import { fileReference, inProject, repoAndBranch } from '../names.ts'
import { fileTable } from '../views/file.ts'
import { datumTable, jobTable, selectedTable } from '../views/job.ts'
import {
  rawBranch,
  rawCommit,
  rawDatum,
  rawFile,
  rawJob,
  rawProject,
  rawRepo,
  rawSelected,
} from '../views/raw.ts'
import { branchTable, commitTable, projectTable, repoTable, tagTable } from '../views/repo.ts'
import { showMany, showStream, type ViewOptions } from '../views/show.ts'
import { listItems } from './list-items.ts'
import { readSpec } from '../spec-source.ts'
import { wholeNumber } from '../whole-number.ts'
import { listSecrets, listTransactions } from './list-local.ts'
import { listPipelines } from './list-pipelines.ts'

export function list(cli: Cli): Command {
  const command = verb('list', 'Lists repos, branches, commits, files, pipelines, jobs, datums …')
  listProjects(cli, command)
  listRepos(cli, command)
  listBranches(cli, command)
  listCommits(cli, command)
  listFiles(cli, command)
  listPipelines(cli, command)
  listJobs(cli, command)
  listDatums(cli, command)
  listTags(cli, command)
  listItems(cli, command)
  listSecrets(cli, command)
  listTransactions(cli, command)
  return command
}

function listProjects(cli: Cli, parent: Command): void {
  withRaw(subject(parent, 'project', 'all projects')).action(async (options: ViewOptions) => {
    const varve = await cli.open('read')
    const text = (rows: Parameters<typeof projectTable>[2]): string =>
      projectTable(cli, options, rows)
    await showMany(cli, options, varve.projects.list(), { raw: rawProject, text })
  })
}

interface RepoOptions extends ViewOptions {
  readonly allProjects?: boolean
  readonly type?: 'user' | 'meta' | 'spec'
  readonly all?: boolean
}

function listRepos(cli: Cli, parent: Command): void {
  withRaw(withProject(subject(parent, 'repo', 'repos with the size of their heads')))
    .option('--type <type>', '"user" (default), "meta" or "spec"')
    .option('--all', 'repos of every type')
    .option('-A, --all-projects', 'repos of every project (the default without --project)')
    .action(async (options: RepoOptions) => {
      const varve = await cli.open('read')
      const type = options.all === true ? 'all' : options.type
      const repos = varve.repos.list({
        ...projectOf(options),
        ...(type === undefined ? {} : { type }),
      })
      const text = (rows: typeof repos): string => repoTable(cli, options, rows)
      await showMany(cli, options, repos, { raw: rawRepo, text })
    })
}

function listBranches(cli: Cli, parent: Command): void {
  withRaw(withProject(subject(parent, 'branch [repo]', 'branches of a repo, or of all'))).action(
    async (repo: string | undefined, options: ViewOptions) => {
      const varve = await cli.open('read')
      const branches = varve.branches.list(
        repo === undefined ? undefined : inProject(repo, options.project),
      )
      await showMany(cli, options, branches, {
        raw: rawBranch,
        text: (rows) => branchTable(cli, rows),
      })
    },
  )
}

interface CommitOptions extends ViewOptions {
  readonly number?: number
  readonly from?: string
  readonly origin?: 'USER' | 'AUTO' | 'FSCK'
  readonly all?: boolean
}

function listCommits(cli: Cli, parent: Command): void {
  const command = subject(
    parent,
    'commit [repo[@branch]]',
    'commits, newest first; with an id: of that set',
  )
  alsoTakes(withRaw(withProject(command)), ['-x, --expand', '--no-pager'])
    .option('-n, --number <count>', 'at most so many', wholeNumber())
    .option('-f, --from <commit>', 'only commits after this one')
    .option('--origin <kind>', 'USER, AUTO or FSCK', commitOrigin)
    .option('--all', 'commits of repos of every type')
    .action(async (reference: string | undefined, options: CommitOptions) => {
      const varve = await cli.open('read')
      const commits = commitsAsked(varve, reference, options)
      const text = (rows: typeof commits): string => commitTable(cli, options, rows)
      await showMany(cli, options, commits, { raw: rawCommit, text })
    })
}

function commitsAsked(
  varve: Varve,
  reference: string | undefined,
  options: CommitOptions,
): readonly CommitInfo[] {
  const limit = atMost(options.number)
  if (reference !== undefined && varve.isCommitId(reference)) {
    return varve.commits.set(reference).commits.slice(0, limit.limit)
  }
  return varve.history(
    reference === undefined ? undefined : repoAndBranch(reference, options.project),
    {
      ...limit,
      ...projectOf(options),
      ...(options.from === undefined ? {} : { after: options.from }),
      ...(options.origin === undefined ? {} : { origin: options.origin }),
      ...(options.all === true ? { types: 'all' as const } : {}),
    },
  )
}

/** `-A` looks over the project of the context too. */
function projectOf(options: { readonly project?: string; readonly allProjects?: boolean }): {
  readonly project?: string
} {
  const { project, allProjects } = options
  return project === undefined || allProjects === true ? {} : { project }
}

/** `-n 0` means all, as upstream. */
function atMost(number: number | undefined): { readonly limit?: number } {
  return number === undefined || number === 0 ? {} : { limit: number }
}

function listFiles(cli: Cli, parent: Command): void {
  withRaw(
    withProject(subject(parent, 'file <repo@branch[:path]>', 'files and folders of a folder')),
  ).action(async (reference: string, options: ViewOptions) => {
    const { commit, path } = fileReference(reference, options.project)
    const varve = await cli.open('read')
    await varve.files.inspect(commit, path ?? '/')
    await showStream(cli, options, varve.files.list(commit, path ?? '/'), {
      raw: rawFile(varve.commits.inspect(commit)),
      text: (rows, first) => fileTable(cli, rows, first),
    })
  })
}

interface JobOptions extends ViewOptions {
  readonly allProjects?: boolean
  readonly pipeline?: string
  readonly input?: readonly string[]
  readonly state?: readonly string[]
  readonly number?: number
}

function listJobs(cli: Cli, parent: Command): void {
  const command = subject(parent, 'job [id]', 'jobs, newest first; with an id: of that job set')
  const ignored = ['-x, --expand', '-A, --all-projects', '--no-pager', '--history <count>']
  alsoTakes(withRaw(withProject(command)), ignored)
    .option('-p, --pipeline <name>', 'of one pipeline')
    .option('-i, --input <repo@commit>', 'that read this commit; may be repeated', collected)
    .option('--state <state>', 'in this state, for example failure; may be repeated', collected)
    .option('-n, --number <count>', 'at most so many', wholeNumber())
    .action(async (id: string | undefined, options: JobOptions) => {
      const varve = await cli.open('read')
      const jobs = varve.jobs.list({
        ...(id === undefined ? {} : { id }),
        ...(id === undefined && options.pipeline === undefined ? projectOf(options) : {}),
        ...(options.pipeline === undefined
          ? {}
          : { pipeline: inProject(options.pipeline, options.project) }),
        ...(options.input === undefined
          ? {}
          : { input: options.input.map((each) => inProject(each, options.project)) }),
        ...(options.state === undefined
          ? {}
          : { state: options.state.map((each) => each.replace(/^JOB_/i, '')) }),
        ...atMost(options.number),
      })
      const text = (rows: typeof jobs): string => jobTable(cli, options, rows)
      await showMany(cli, options, jobs, { raw: (job) => rawJob(job), text })
    })
}

function listDatums(cli: Cli, parent: Command): void {
  withRaw(withProject(subject(parent, 'datum [pipeline@job]', 'datums of a job')))
    .option('-f, --file <spec>', 'the datums this spec would have, without creating anything')
    .option('--state <state>', 'only success, failed, recovered or skipped')
    .action(
      async (
        reference: string | undefined,
        options: ViewOptions & { file?: string; state?: string },
      ) => {
        if (options.file !== undefined) return listSelected(cli, options.file, options)
        if (reference === undefined) {
          throw new VarveError('USAGE', {
            what: 'It is not said whose datums.',
            next: 'Name a job as PIPELINE@JOB, a pipeline, or a spec with -f.',
          })
        }
        const varve = await cli.open('read')
        const job = inProject(reference, options.project)
        const state = options.state
        const datums = varve.datums.list({
          job,
          ...(state === undefined ? {} : { state }),
        })
        await showStream(cli, options, datums, {
          raw: rawDatum,
          text: (rows, first) => datumTable(cli, rows, first),
        })
      },
    )
}

async function listSelected(cli: Cli, file: string, options: ViewOptions): Promise<void> {
  const [source] = await readSpec(cli, file)
  const varve = await cli.open('read')
  const { project } = options
  const selected = varve.datums.ofSpec(source, project === undefined ? {} : { project })
  await showStream(cli, options, selected, {
    raw: rawSelected,
    text: (rows, first) => selectedTable(cli, rows, first),
  })
}

function listTags(cli: Cli, parent: Command): void {
  withProject(subject(parent, 'tag [repo]', 'tags of a repo, or of all')).action(
    async (repo: string | undefined, options: ViewOptions) => {
      const varve = await cli.open('read')
      const tags = varve.tags.list(
        repo === undefined ? undefined : inProject(repo, options.project),
      )
      await cli.print(tags, () => tagTable(cli, tags))
    },
  )
}
