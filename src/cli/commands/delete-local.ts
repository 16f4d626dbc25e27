import type { Command } from 'commander'
import { VarveError } from '../../model/index.ts'
import type { Cli } from '../cli.ts'
import { subject, withProject } from '../command.ts'
import { confirmed } from '../confirmed.ts'
import { inProject } from '../names.ts'
import { currentTransaction, leaveTransaction, refuseInTransaction } from '../transaction.ts'
import { plural } from '../format.ts'
import { wouldDelete } from '../would-delete.ts'

interface LocalOptions {
  readonly dryRun?: boolean
  readonly yes?: boolean
  readonly project?: string
}

const dryRunText = 'say what would be deleted, and delete nothing'

export function deleteTag(cli: Cli, parent: Command): void {
  withProject(subject(parent, 'tag <repo> <tag>', 'a tag; its commit stays'))
    .option('--dry-run', dryRunText)
    .action(async (repo: string, tag: string, options: LocalOptions) => {
      const name = inProject(repo, options.project)
      const varve = await cli.open(options.dryRun === true ? 'read' : 'write')
      if (options.dryRun === true) {
        await varve.rehearse((tx) => tx.tags.delete(name, tag))
        return wouldDelete(cli, [`tag ${name} ${tag}`])
      }
      await refuseInTransaction(varve, 'delete tag')
      await varve.tags.delete(name, tag)
      await cli.print({ deleted: tag }, () => '')
    })
}

export function deleteSecret(cli: Cli, parent: Command): void {
  subject(parent, 'secret <name>', 'a secret')
    .option('--dry-run', dryRunText)
    .action(async (name: string, options: LocalOptions) => {
      const varve = await cli.open('write')
      await varve.secrets.inspect(name)
      if (options.dryRun === true) return wouldDelete(cli, [`secret ${name}`])
      await varve.secrets.delete(name)
      await cli.print({ deleted: name }, () => '')
    })
}

export function deleteTransaction(cli: Cli, parent: Command): void {
  subject(parent, 'transaction [id]', 'a transaction; nothing of it happens')
    .option('--dry-run', dryRunText)
    .action(async (given: string | undefined, options: LocalOptions) => {
      const varve = await cli.open('write')
      const id = given ?? (await currentTransaction(varve))
      varve.batches.inspect(id)
      if (options.dryRun === true) return wouldDelete(cli, [`transaction ${id}`])
      await varve.batches.delete(id)
      await leaveTransaction(varve, id)
      await cli.print({ deleted: id }, () => '')
    })
}

export function deleteAll(cli: Cli, parent: Command): void {
  subject(parent, 'all', 'every pipeline and every repo of the store')
    .option('--dry-run', dryRunText)
    .option('-y, --yes', 'do it')
    .action(async (options: LocalOptions) => {
      const varve = await cli.open(options.dryRun === true ? 'read' : 'write')
      const pipelines = varve.pipelines.list()
      const repos = varve.repos.list()
      if (options.dryRun === true) {
        const names = [
          ...pipelines.map(({ key }) => `pipeline ${key}`),
          ...repos.map(({ repo }) => `repo ${repo}`),
        ]
        return wouldDelete(cli, names)
      }
      const what = `This deletes ${plural(pipelines.length, 'pipeline')} and ${plural(repos.length, 'repo')}.`
      if (options.yes !== true && !(await confirmed(cli, what))) {
        throw new VarveError('USAGE', {
          what: `${what} Nothing was deleted.`,
          next: 'Answer "y", add --yes to do it, or --dry-run to see them.',
        })
      }
      await varve.deleteAll()
      await cli.print({ deleted: repos.map(({ repo }) => repo) }, () => '')
    })
}
