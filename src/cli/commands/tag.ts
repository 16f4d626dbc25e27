import type { Command } from 'commander'
import type { Cli } from '../cli.ts'
import { verb, withProject } from '../command.ts'
import { commitReference, inProject } from '../names.ts'
import { inTransaction, refuseInTransaction } from '../transaction.ts'
import { tagTable } from '../views/repo.ts'

interface TagOptions {
  readonly delete?: boolean
  readonly project?: string
}

export function tag(cli: Cli): Command {
  return withProject(verb('tag', 'Names a commit for good; without words: lists the tags'))
    .argument('[repo@commit]', 'the commit, or the repo whose tags to list')
    .argument('[tag]', 'the name')
    .option('-d, --delete', 'delete the tag; its commit stays')
    .action(async (target: string | undefined, name: string | undefined, options: TagOptions) => {
      if (target === undefined || name === undefined) {
        const varve = await cli.open('read')
        const repo = target?.split('@')[0]
        const tags = varve.tags.list(
          repo === undefined ? undefined : inProject(repo, options.project),
        )
        return cli.print(tags, () => tagTable(cli, tags))
      }
      const varve = await cli.open('write')
      if (options.delete === true) {
        await refuseInTransaction(varve, 'tag --delete')
        await varve.tags.delete(inProject(target.split('@')[0] ?? '', options.project), name)
        return cli.print({ deleted: name }, () => '')
      }
      const commit = commitReference(target, options.project)
      return inTransaction(cli, { kind: 'tag.set', tag: name, commit }, () =>
        varve.tags.set(name, commit),
      )
    })
}
