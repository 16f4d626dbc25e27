import { basename, resolve } from 'node:path'
import type { Command } from 'commander'
import type { Cli } from '../cli.ts'
import { verb } from '../command.ts'

interface InitFlags {
  readonly template?: string
  readonly listTemplates?: boolean
}

export function init(cli: Cli): Command {
  return verb('init', 'Makes a project: varve.yaml and an empty store')
    .argument('[folder]', 'where (default: the working folder)')
    .option('-t, --template <name>', 'start from a template; see --list-templates')
    .option('--list-templates', 'the templates there are')
    .action(async (folder: string | undefined, flags: InitFlags) => {
      const { initProject, templates } = await import('../../engine/index.ts')
      if (flags.listTemplates === true) {
        const known = await templates()
        return cli.print(known, () =>
          known.map(({ name, summary }) => `${name}: ${summary}\n`).join(''),
        )
      }
      const made = await initProject({
        directory: resolve(cli.directory, folder ?? '.'),
        template: flags.template ?? 'empty',
      })
      const isHere = made.directory === cli.workingDirectory
      const where = isHere ? '' : `cd ${shellWord(folder ?? made.directory)}\n  `
      return cli.print(made, () =>
        [
          `Made project ${cli.style('bold', basename(made.directory))} in ${made.directory}.`,
          ...made.applied.map((line) => `  ${line}`),
          '',
          flags.template === undefined
            ? `Next:\n  ${where}varve create repo NAME\n  varve put file NAME@master:/ -r -f FOLDER\n`
            : `Next:\n  ${where}varve run\n`,
        ].join('\n'),
      )
    })
}

/** As a shell takes it back: names with spaces and the like between quotes. */
function shellWord(word: string): string {
  return /^[\p{L}\p{N}_./-]+$/u.test(word) ? word : `'${word.replaceAll("'", String.raw`'\''`)}'`
}
