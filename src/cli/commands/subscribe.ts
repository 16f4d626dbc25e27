import { InvalidArgumentError, type Command } from 'commander'
import type { Cli } from '../cli.ts'
import { commitOrigin } from '../commit-origin.ts'
import { alsoTakes, subject, verb, withProject, withRaw } from '../command.ts'
import { timestamp } from '../format.ts'
import { commitReference } from '../names.ts'
import { rawCommit } from '../views/raw.ts'
import { showOne, wantsRaw, type ViewOptions } from '../views/show.ts'

interface SubscribeFlags extends ViewOptions {
  readonly new?: boolean
  readonly from?: string
  readonly origin?: string
}

export function subscribe(cli: Cli): Command {
  const command = verb('subscribe', 'Prints the commits of a branch as they finish')
  const commit = subject(command, 'commit <repo@branch>', 'one line a commit; --json: JSON lines')
  alsoTakes(withRaw(withProject(commit)), ['--all'])
    .option('--state <state>', 'only "finished": commits are told of when they are', finishedOnly)
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
        if (!cli.json && wantsRaw(options)) {
          await showOne(cli, options, commit, { raw: rawCommit, text: () => '' })
          continue
        }
        const time = timestamp(commit.finishedAt ?? commit.startedAt)
        await cli.printLine(commit, () => `${commit.id} ${time} ${commit.message}\n`)
      }
    })
  return command
}

function finishedOnly(text: string): string {
  if (/^(commit_state_)?finished$/i.test(text)) return text
  throw new InvalidArgumentError('Commits are told of when they are finished, and no sooner.')
}
