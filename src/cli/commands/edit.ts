import { spawnSync } from 'node:child_process'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Command } from 'commander'
import { VarveError } from '../../model/index.ts'
import type { Cli } from '../cli.ts'
import { subject, verb, withProject } from '../command.ts'
import { inProject } from '../names.ts'
import { updatePipelines } from '../pipeline-files.ts'
import { noFormat } from '../views/show.ts'

interface EditOptions {
  readonly editor?: string
  readonly reprocess?: boolean
  readonly output: string
  readonly project?: string
}

export function edit(cli: Cli): Command {
  const command = verb('edit', 'Changes a pipeline in your editor')
  withProject(subject(command, 'pipeline <name>', 'its spec; saving updates it'))
    .option('--editor <command>', 'default: $VISUAL, $EDITOR, else vi')
    .option('--reprocess', 'run every datum again')
    .option('-o, --output <format>', '"yaml" (default) or "json"', 'yaml')
    .action(async (name: string, options: EditOptions) => editPipeline(cli, name, options))
  return command
}

async function editPipeline(cli: Cli, name: string, options: EditOptions): Promise<void> {
  const varve = await cli.open('read')
  const spec = await varve.pipelines.specText(inProject(name, options.project))
  const before = await inFormat(spec, options.output)
  const folder = await mkdtemp(join(tmpdir(), 'varve-edit-'))
  const file = join(folder, `pipeline.${options.output}`)
  let isKept = false
  try {
    await writeFile(file, before)
    openEditor(cli, options.editor, file)
    if ((await readFile(file, 'utf8')) === before) {
      return await cli.print({ changed: false }, () => 'Nothing changed.\n')
    }
    isKept = true
    await updatePipelines(cli, { ...options, file: [file] })
    isKept = false
  } catch (error) {
    // A slip of the pen must not cost what was written before it.
    if (isKept)
      cli.note(`Your text is kept: mend ${file}, then \`varve update pipeline -f ${file}\`.`)
    throw error
  } finally {
    if (!isKept) await rm(folder, { recursive: true, force: true })
  }
}

async function inFormat(spec: string, format: string): Promise<string> {
  if (format === 'yaml') return spec
  if (format !== 'json') throw noFormat(format)
  const { parse } = await import('yaml')
  return `${JSON.stringify(parse(spec), undefined, 2)}\n`
}

function openEditor(cli: Cli, wanted: string | undefined, file: string): void {
  const editor = wanted ?? cli.environment['VISUAL'] ?? cli.environment['EDITOR'] ?? 'vi'
  const { status, error } = spawnSync('sh', ['-c', `${editor} "$1"`, 'sh', file], {
    stdio: 'inherit',
  })
  if (error === undefined && status === 0) return
  throw new VarveError('MISSING_PROGRAM', {
    what: `The editor "${editor}" ended with ${status ?? 'an error'}; nothing was changed.`,
    next: 'Set EDITOR, or use --editor.',
    data: { editor, status },
  })
}
