import type { Command } from 'commander'
import type { Cli } from '../cli.ts'
import { subject, verb, withProject, withRaw } from '../command.ts'
import { timestamp } from '../format.ts'
import { commitReference } from '../names.ts'
import { rawCommit } from '../views/raw.ts'
import type { ViewOptions } from '../views/show.ts'

interface SubscribeFlags extends ViewOptions {
  readonly new?: boolean
  readonly from?: string
}

export function subscribe(cli: Cli): Command {
  const command = verb('subscribe', 'Prints the commits of a branch as they finish')
  withRaw(
    withProject(subject(command, 'commit <repo@branch>', 'one line a commit; --json: JSON lines')),
  )
    .option('--new', 'only commits made from now on')
    .option('--from <commit>', 'only commits after this one')
    .option('--all', 'as it is (for scripts written for pachctl)')
    .action(async (reference: string, options: SubscribeFlags) => {
      const varve = await cli.open('read')
      const commits = varve.subscribe(commitReference(reference, options.project), {
        signal: cli.signal,
        ...(options.new === true ? { new: true } : {}),
        ...(options.from === undefined ? {} : { from: options.from }),
      })
      for await (const commit of commits) {
        const line = (): string =>
          options.raw === true
            ? `${JSON.stringify(rawCommit(commit), undefined, 2)}\n`
            : `${commit.id} ${timestamp(commit.finishedAt ?? commit.startedAt)} ${commit.message}\n`
        await cli.printLine(commit, line)
      }
    })
  return command
}
