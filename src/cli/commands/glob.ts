import type { Command } from 'commander'
import type { Cli } from '../cli.ts'
import { subject, verb, withProject, withRaw } from '../command.ts'
import { fileReferenceWithPath } from '../names.ts'
import { fileTable } from '../views/file.ts'
import { rawFile } from '../views/raw.ts'
import { showStream, type ViewOptions } from '../views/show.ts'

export function glob(cli: Cli): Command {
  const command = verb('glob', 'Lists what a pattern matches')
  withRaw(
    withProject(
      subject(command, 'file <repo@branch:pattern>', 'files and folders the pattern matches'),
    ),
  ).action(async (reference: string, options: ViewOptions) => {
    const { commit, path } = fileReferenceWithPath(reference, options.project)
    const varve = await cli.open('read')
    await showStream(cli, options, varve.globFiles(commit, path), {
      raw: rawFile(varve.commits.inspect(commit)),
      text: (rows, first) => fileTable(cli, rows, first),
    })
  })
  return command
}
