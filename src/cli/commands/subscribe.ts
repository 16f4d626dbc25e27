import type { Command } from 'commander'
import type { Cli } from '../cli.ts'
import { commitOrigin } from '../commit-origin.ts'
import { alsoTakes, subject, verb, withProject, withRaw } from '../command.ts'
import { timestamp } from '../format.ts'
import { commitReference } from '../names.ts'
import { rawCommit } from '../views/raw.ts'
import type { ViewOptions } from '../views/show.ts'

interface SubscribeFlags extends ViewOptions {
  readonly new?: boolean
  readonly from?: string
  readonly origin?: string
}

export function subscribe(cli: Cli): Command {
  const command = verb('subscribe', 'Prints the commits of a branch as they finish')
  const commit = subject(command, 'commit <repo@branch>', 'one line a commit; --json: JSON lines')
  alsoTakes(withRaw(withProject(commit)), ['--all'])
    .option('--new', 'only commits made from now on')
    .option('--from <commit>', 'only commits after this one')
    .option('--origin <kind>', 'USER, AUTO or FSCK', commitOrigin)
    .action(async (reference: string, options: SubscribeFlags) => {
      const varve = await cli.open('read')
      const commits = varve.subscribe(commitReference(reference, options.project), {
        signal: cli.signal,
        ...(options.new === true ? { new: true } : {}),
        ...(options.from === undefined ? {} : { from: options.from }),
      })
      for await (const commit of commits) {
        if (options.origin !== undefined && commit.origin !== options.origin) continue
        const line = (): string =>
          options.raw === true
            ? `${JSON.stringify(rawCommit(commit), undefined, 2)}\n`
            : `${commit.id} ${timestamp(commit.finishedAt ?? commit.startedAt)} ${commit.message}\n`
        await cli.printLine(commit, line)
      }
    })
  return command
}
