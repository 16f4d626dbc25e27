import { isVarveError, VarveError } from '../model/index.ts'
import { activeProject } from './active-project.ts'
import { errorBlock, errorReport } from './error-report.ts'
import { splitGlobalOptions, type GlobalOptions } from './global-options.ts'
import { interruptible } from './interrupt.ts'
import { styleFor } from './style.ts'
import { nearest } from '../util/index.ts'
import { terminal, type Terminal } from './terminal.ts'
import { verbNames } from './verb-list.ts'
import { findVerb } from './verbs.ts'

/** Runs one command line to its end and sets the exit code. Never throws. */
export async function runCommandLine(line: readonly string[]): Promise<void> {
  endQuietlyWithItsReader()
  const interrupt = interruptible((text) => process.stderr.write(`\n${text}\n`))
  let options: GlobalOptions = {
    directory: undefined,
    json: line.includes('--json'),
    color: undefined,
  }
  try {
    const split = splitGlobalOptions(line)
    options = split.options
    await runVerb(terminal(options, interrupt.signal), split.words)
  } catch (error) {
    const interrupted = interrupt.signal.aborted && !isVarveError(error)
    reportError(interrupted ? new VarveError('INTERRUPTED', { what: 'Stopped.' }) : error, options)
  } finally {
    interrupt.release()
  }
}

async function runVerb(cli: Terminal, words: readonly string[]): Promise<void> {
  const [name, ...rest] = words
  if (name === undefined || name === '--help' || name === '-h' || name === 'help') {
    const { helpText } = await import('./help.ts')
    if (name === 'help' && rest[0] !== undefined) return runVerb(cli, [...rest, '--help'])
    return cli.write(helpText(cli.style))
  }
  if (name === '--version' || name === '-V') return runVerb(cli, ['version'])
  const load = findVerb(name)
  if (load === undefined) throw unknownVerb(name)
  const [{ runCommand }, makeCommand] = await Promise.all([import('./run-command.ts'), load()])
  try {
    const command = makeCommand(cli)
    if (rest.includes('--help') || rest.includes('-h')) {
      const { withExamples } = await import('./help-examples.ts')
      withExamples(command)
    }
    await runCommand(command, rest, activeProject(cli.directory))
  } catch (error) {
    if (!isVarveError(error)) throw error
    const { withNearestName } = await import('./did-you-mean.ts')
    throw withNearestName(error, cli.opened())
  } finally {
    await cli.close()
  }
}

function unknownVerb(name: string): VarveError {
  const near = nearest(name, verbNames)
  return new VarveError('USAGE', {
    what: `"${name}" is not a command of Varve.${near === undefined ? '' : ` Did you mean "${near}"?`}`,
    next: near === undefined ? 'Run `varve help`.' : `Run \`varve ${near} --help\`.`,
    data: { verb: name, ...(near === undefined ? {} : { nearest: near }) },
  })
}

/** With `--json` the error is the document on stdout too, so that a reader always finds one. */
function reportError(thrown: unknown, options: GlobalOptions): void {
  const report = errorReport(thrown)
  const { exit, ...error } = report
  if (options.json) process.stdout.write(`${JSON.stringify({ error }, undefined, 2)}\n`)
  process.stderr.write(errorBlock(report, styleFor(process.stderr, options.color, process.env)))
  process.exitCode = exit
}

/**
 * `varve list file … | head` closes our stdout early: that is no error. Nobody reading stderr any
 * more (`varve run 2>&1 | head`) is no reason to stop either.
 */
function endQuietlyWithItsReader(): void {
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code === 'EPIPE') process.exit()
    throw error
  })
  process.stderr.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') throw error
  })
}
