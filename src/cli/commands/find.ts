import type { Command } from 'commander'
import type { Cli } from '../cli.ts'
import { alsoTakes, subject, verb, withProject, withRaw } from '../command.ts'
import { fileReferenceWithPath } from '../names.ts'
import { rawCommit } from '../views/raw.ts'
import { commitTable } from '../views/repo.ts'
import { showMany, type ViewOptions } from '../views/show.ts'
import { wholeNumber } from '../whole-number.ts'

export function find(cli: Cli): Command {
  const command = verb('find', 'Finds the commits that changed a path')
  const commits = subject(command, 'commit <repo@branch:path>', 'newest first')
  alsoTakes(withRaw(withProject(commits)), ['--timeout <time>'])
    .option('-n, --limit <count>', 'at most so many', wholeNumber())
    .action(async (reference: string, options: ViewOptions & { limit?: number }) => {
      const { commit, path } = fileReferenceWithPath(reference, options.project)
      const varve = await cli.open('read')
      const found = await varve.commits.touching(commit, path, options.limit)
      const text = (rows: typeof found): string => commitTable(cli, options, rows)
      await showMany(cli, options, found, { raw: rawCommit, text })
    })
  return command
}
