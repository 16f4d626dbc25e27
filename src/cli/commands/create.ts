import type { Command } from 'commander'
import type { Cli } from '../cli.ts'
import { collected } from '../collected.ts'
import { subject, verb, withProject } from '../command.ts'
import { commitReference, inProject } from '../names.ts'
import { createPipelines, withPipelineFiles, type PipelineFileOptions } from '../pipeline-files.ts'
import { inTransaction } from '../transaction.ts'
import { readSecret } from '../secret-file.ts'
import { branchChange, type BranchOptions } from '../branch-options.ts'
import { wholeNumber } from '../whole-number.ts'
import { refuseDefaults } from './defaults.ts'

export function create(cli: Cli): Command {
  const command = verb('create', 'Creates a repo, branch, pipeline, project, secret or tag')
  subject(command, 'project <name>', 'a project: a name space for repos and pipelines')
    .option('-d, --description <text>', 'what it is for')
    .action(async (name: string, options: { description?: string }) => {
      const varve = await cli.open('write')
      const made = await varve.projects.create(name, options)
      await cli.print(made, () => '')
    })
  withProject(subject(command, 'repo <name>', 'a repo'))
    .option('-d, --description <text>', 'what it holds')
    .action(async (name: string, options: { description?: string; project?: string }) => {
      const repo = inProject(name, options.project)
      const { description } = options
      const described = description === undefined ? {} : { description }
      await inTransaction(cli, { kind: 'repo.create', repo, ...described }, (varve) =>
        varve.repos.create(repo, described),
      )
    })
  createBranch(cli, command)
  createPipeline(cli, command)
  refuseDefaults(command)
  subject(command, 'secret', 'a secret from a file, as Kubernetes has them, in JSON or YAML')
    .option('-f, --file <file>', 'the file, or - for stdin', '-')
    .action(async (options: { file: string }) => {
      const { name, values } = await readSecret(cli, options.file)
      const varve = await cli.open('write')
      const made = await varve.secrets.create(name, values)
      await cli.print(made, () => '')
    })
  withProject(
    subject(command, 'tag <tag> <repo@commit>', 'a name that stays with one commit'),
  ).action(async (tag: string, commit: string, options: { project?: string }) => {
    const target = commitReference(commit, options.project)
    await inTransaction(cli, { kind: 'tag.set', tag, commit: target }, (varve) =>
      varve.tags.set(tag, target),
    )
  })
  return command
}

function createBranch(cli: Cli, parent: Command): void {
  withProject(subject(parent, 'branch <repo@branch>', 'a branch, or a new head for one'))
    .option('--head <commit>', 'the commit it points to')
    .option(
      '-p, --provenance <repo@branch>',
      'a branch it is computed from; may be repeated',
      collected,
    )
    .option('-t, --trigger <branch>', 'move to the head of this branch when a condition holds:')
    .option('--trigger-size <bytes>', '… it grew by so much (10MB)')
    .option('--trigger-commits <count>', '… so many commits were made', wholeNumber())
    .option('--trigger-cron <spec>', '… at these times')
    .option('--trigger-rate-limit <spec>', '… at most at these times')
    .option('--trigger-all', 'all conditions instead of any')
    .action(async (name: string, options: BranchOptions) => {
      const branch = commitReference(name, options.project)
      const change = branchChange(options, branch)
      await inTransaction(cli, { kind: 'branch.set', branch, change }, (varve) =>
        varve.branches.set(branch, change),
      )
    })
}

function createPipeline(cli: Cli, parent: Command): void {
  withPipelineFiles(subject(parent, 'pipeline', 'pipelines from spec files')).action(
    async (options: PipelineFileOptions) => createPipelines(cli, options),
  )
}
