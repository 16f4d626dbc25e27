import type { Command } from 'commander'
import type { Cli } from '../cli.ts'
import { subject, verb, withProject, withRaw } from '../command.ts'
import { commitReference, fileReferenceWithPath, inProject } from '../names.ts'
import { timestamp } from '../format.ts'
import { fields } from '../table.ts'
import { noDefaults } from './defaults.ts'
import { notNeededSubject } from './not-needed.ts'
import { fileFields } from '../views/file.ts'
import { datumFields, jobFields, jobTable, pipelineFields } from '../views/job.ts'
import {
  rawBranch,
  rawCommit,
  rawDatum,
  rawFile,
  rawJob,
  rawPipeline,
  rawProject,
  rawRepo,
  rawTransaction,
} from '../views/raw.ts'
import {
  branchFields,
  commitFields,
  commitTable,
  projectFields,
  repoFields,
} from '../views/repo.ts'
import { showMany, showOne, type ViewOptions } from '../views/show.ts'

export function inspect(cli: Cli): Command {
  const command = verb('inspect', 'Shows one thing in full')
  inspectVersions(cli, command)
  inspectCommit(cli, command)
  inspectFile(cli, command)
  inspectPipeline(cli, command)
  inspectJob(cli, command)
  inspectDatum(cli, command)
  notNeededSubject(cli, command, 'cluster')
  noDefaults(cli, command)
  inspectLocal(cli, command)
  return command
}

function inspectVersions(cli: Cli, parent: Command): void {
  withRaw(subject(parent, 'project <name>', 'a project')).action(
    async (name: string, options: ViewOptions) => {
      const varve = await cli.open('read')
      const text = (info: Parameters<typeof projectFields>[1]): string => projectFields(cli, info)
      await showOne(cli, options, varve.projects.inspect(name), { raw: rawProject, text })
    },
  )
  withRaw(withProject(subject(parent, 'repo <repo>', 'a repo'))).action(
    async (repo: string, options: ViewOptions) => {
      const varve = await cli.open('read')
      await showOne(cli, options, varve.repos.inspect(inProject(repo, options.project)), {
        raw: rawRepo,
        text: (info) => repoFields(cli, info),
      })
    },
  )
  withRaw(withProject(subject(parent, 'branch <repo@branch>', 'a branch'))).action(
    async (branch: string, options: ViewOptions) => {
      const varve = await cli.open('read')
      const info = varve.branches.inspect(commitReference(branch, options.project))
      await showOne(cli, options, info, { raw: rawBranch, text: () => branchFields(cli, info) })
    },
  )
}

function inspectCommit(cli: Cli, parent: Command): void {
  withRaw(
    withProject(subject(parent, 'commit <repo@commit>', 'a commit, or with an id alone its set')),
  ).action(async (commit: string, options: ViewOptions) => {
    const varve = await cli.open('read')
    if (!commit.includes('@') && varve.isCommitId(commit)) {
      const { commits } = varve.commits.set(commit)
      const text = (): string => commitTable(cli, options, commits)
      return showMany(cli, options, commits, { raw: rawCommit, text })
    }
    const info = varve.commits.inspect(commitReference(commit, options.project))
    await showOne(cli, options, info, { raw: rawCommit, text: () => commitFields(cli, info) })
  })
}

function inspectFile(cli: Cli, parent: Command): void {
  withRaw(withProject(subject(parent, 'file <repo@branch:path>', 'a file or a folder')))
    .option(
      '--proof',
      'a proof, as JSON, that the commit holds this file; `varve verify` checks it',
    )
    .action(async (reference: string, options: ViewOptions & { readonly proof?: boolean }) => {
      const { commit, path } = fileReferenceWithPath(reference, options.project)
      const varve = await cli.open('read')
      if (options.proof === true) {
        const proof = await varve.files.prove(commit, path)
        return cli.print(proof, () => `${JSON.stringify(proof, undefined, 2)}\n`)
      }
      const info = await varve.files.inspect(commit, path)
      await showOne(cli, options, info, {
        raw: rawFile(varve.commits.inspect(commit)),
        text: () => fileFields(cli, info),
      })
    })
}

function inspectPipeline(cli: Cli, parent: Command): void {
  withRaw(withProject(subject(parent, 'pipeline <name>', 'a pipeline'))).action(
    async (name: string, options: ViewOptions) => {
      const varve = await cli.open('read')
      const info = varve.pipelines.inspect(inProject(name, options.project))
      await showOne(cli, options, info, { raw: rawPipeline, text: () => pipelineFields(cli, info) })
    },
  )
}

function inspectJob(cli: Cli, parent: Command): void {
  withRaw(
    withProject(subject(parent, 'job <pipeline@job>', 'a job, or with an id alone its set')),
  ).action(async (reference: string, options: ViewOptions) => {
    const varve = await cli.open('read')
    if (!reference.includes('@') && varve.isCommitId(reference)) {
      const jobs = varve.jobs.list({ id: reference })
      const text = (): string => jobTable(cli, options, jobs)
      return showMany(cli, options, jobs, { raw: (job) => rawJob(job), text })
    }
    const job = inProject(reference, options.project)
    const info = varve.jobs.inspect(job)
    const version = varve.pipelines
      .list({ history: true })
      .find((each) => each.key === info.pipeline && each.version === info.version)
    await showOne(cli, options, info, {
      raw: () => rawJob(info, version),
      text: () => jobFields(cli, info),
    })
  })
}

function inspectDatum(cli: Cli, parent: Command): void {
  withRaw(withProject(subject(parent, 'datum <pipeline@job> <datum>', 'a datum of a job'))).action(
    async (reference: string, datum: string, options: ViewOptions) => {
      const varve = await cli.open('read')
      const job = inProject(reference, options.project)
      const info = await varve.datums.inspect({ job, datum })
      await showOne(cli, options, info, { raw: rawDatum, text: () => datumFields(cli, info) })
    },
  )
}

function inspectLocal(cli: Cli, parent: Command): void {
  subject(parent, 'secret <name>', 'names of the keys of a secret').action(async (name: string) => {
    const varve = await cli.open('read')
    const secret = await varve.secrets.inspect(name)
    await cli.print(secret, () =>
      fields(
        [
          ['Name', secret.name],
          ['Keys', secret.keys.join(', ')],
          ['Created', timestamp(secret.createdAt)],
        ],
        cli.style,
      ),
    )
  })
  withRaw(subject(parent, 'transaction [id]', 'what a transaction will do')).action(
    async (id: string | undefined, options: ViewOptions) => {
      const varve = await cli.open('read')
      const { currentTransaction } = await import('../transaction.ts')
      const info = varve.batches.inspect(id ?? (await currentTransaction(varve)))
      const lines = info.requests.map((request) => `  ${JSON.stringify(request)}\n`)
      const text = (): string => `Transaction ${info.id}\n${lines.join('')}`
      await showOne(cli, options, info, { raw: rawTransaction, text })
    },
  )
}
