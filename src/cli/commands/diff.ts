import type { Command } from 'commander'
import type { Cli } from '../cli.ts'
import { alsoTakes, refuses, subject, verb, withProject } from '../command.ts'
import { fileReference } from '../names.ts'
import { diffLines, shownPath } from '../views/file.ts'
import { showStream } from '../views/show.ts'

interface DiffOptions {
  readonly shallow?: boolean
  readonly nameOnly?: boolean
  readonly project?: string
  readonly oldProject?: string
}

/** `diff A [B]` is Git's form of `diff file A [B]`: both compare A with B, else with its parent. */
export function diff(cli: Cli): Command {
  const command = verb('diff', 'Shows what changed between two commits')
  // Else the options of `diff file` would be taken as those of `diff`.
  command.enablePositionalOptions()
  command.argument('[new]', 'REPO@COMMIT[:PATH]').argument('[old]', 'default: the parent of new')
  withDiffOptions(command).action(
    async (after: string | undefined, before: string | undefined, options: DiffOptions) => {
      if (after === undefined) return command.help()
      return showDiff(cli, { after, before }, options)
    },
  )
  withDiffOptions(
    subject(command, 'file <new> [old]', 'what changed from old (default: the parent) to new'),
  ).action(async (after: string, before: string | undefined, options: DiffOptions) =>
    showDiff(cli, { after, before }, options),
  )
  return command
}

function withDiffOptions(command: Command): Command {
  refuses(command, '--diff-command <command>', {
    why: 'it shows which files differ, not their lines.',
    next: 'Get both files (`varve get file`) and compare them with that command.',
  })
  return alsoTakes(withProject(command), ['--no-pager', '--full-timestamps'])
    .option('-s, --shallow', 'only direct children of the path')
    .option('--name-only', 'paths and nothing else')
    .option('--old-project <name>', 'the project of the old side, if not that of --project')
}

async function showDiff(
  cli: Cli,
  sides: { readonly after: string; readonly before: string | undefined },
  options: DiffOptions,
): Promise<void> {
  const after = fileReference(sides.after, options.project)
  const oldProject = options.oldProject ?? options.project
  const before = sides.before === undefined ? undefined : fileReference(sides.before, oldProject)
  const varve = await cli.open('read')
  const changes = varve.files.diff(after.commit, before?.commit, {
    ...(after.path === undefined ? {} : { path: after.path }),
    ...(options.shallow === true ? { shallow: true } : {}),
  })
  const filesOnly = filter(changes, (change) => options.shallow === true || change.kind === 'file')
  await showStream(cli, {}, cli.json ? changes : filesOnly, {
    raw: (change) => change,
    text: (rows) =>
      options.nameOnly === true
        ? rows.map((row) => `${shownPath(row)}\n`).join('')
        : diffLines(cli, rows),
  })
}

async function* filter<T>(
  values: AsyncIterable<T>,
  keep: (value: T) => boolean,
): AsyncGenerator<T> {
  for await (const value of values) if (keep(value)) yield value
}
