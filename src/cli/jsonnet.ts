import { execFile } from 'node:child_process'
import { basename, resolve } from 'node:path'
import { promisify } from 'node:util'
import type { SpecSource } from '../engine/index.ts'
import { VarveError } from '../model/index.ts'
import { systemCode } from '../util/index.ts'
import type { Cli } from './cli.ts'
import { mostSpecBytes, readSpec } from './spec-source.ts'

const runProgram = promisify(execFile)

/**
 * The specs a jsonnet template makes, with `name=value` as its top-level arguments, all of them text,
 * as pachctl hands them over. The machine's `jsonnet` renders it, and reads what it imports.
 */
export async function renderJsonnet(
  cli: Cli,
  template: string,
  args: readonly string[],
): Promise<SpecSource> {
  const isLocal = template !== '-' && !/^https?:\/\//.test(template)
  const input = isLocal ? undefined : (await readSpec(cli, template))[0].text
  const file = input === undefined ? resolve(cli.workingDirectory, template) : '-'
  const words = [file, ...args.flatMap((each) => ['--tla-str', checkedArgument(each)])]
  const running = runProgram('jsonnet', words, { maxBuffer: mostSpecBytes, signal: cli.signal })
  // A program that ends before it has read all is told of by its exit code.
  running.child.stdin?.on('error', () => undefined).end(input)
  try {
    return { file: template === '-' ? '<stdin>' : template, text: (await running).stdout }
  } catch (cause) {
    if (cli.signal.aborted) throw cause
    throw systemCode(cause) === 'ENOENT' ? noProgram(template, args) : refused(template, cause)
  }
}

/** Without "=", jsonnet would take the value from the environment. */
function checkedArgument(text: string): string {
  if (/^[^=]+=/.test(text)) return text
  throw new VarveError('USAGE', {
    what: `--arg "${text}" gives no value.`,
    next: 'Write it as --arg NAME=VALUE.',
    data: { argument: text },
  })
}

function noProgram(template: string, args: readonly string[]): VarveError {
  const flags = args.map((each) => ` --tla-str ${each}`).join('')
  return new VarveError('MISSING_PROGRAM', {
    what: 'Templates are rendered by the program `jsonnet`, which is not on this machine.',
    next: `Install it (Debian: \`apt install jsonnet\`), or render elsewhere and pipe: \`jsonnet ${basename(template)}${flags} | varve create pipeline -f -\`.`,
    data: { program: 'jsonnet' },
  })
}

function refused(template: string, cause: unknown): VarveError {
  const said = (cause as { readonly stderr?: string }).stderr?.trim()
  return new VarveError('SPEC_INVALID', {
    what: `jsonnet cannot render ${template}: ${said || String(cause)}`,
    next: 'Mend the template, or its arguments (--arg NAME=VALUE).',
    data: { file: template },
    cause,
  })
}
