import { Command, Option, type CommanderError, type Help } from 'commander'
import { VarveError } from '../model/index.ts'

/** Plural synonyms: `list repos` is `list repo`, as in pachctl. */
const plurals: Readonly<Record<string, string>> = {
  repo: 'repos',
  branch: 'branches',
  commit: 'commits',
  file: 'files',
  pipeline: 'pipelines',
  job: 'jobs',
  datum: 'datums',
  project: 'projects',
  secret: 'secrets',
  transaction: 'transactions',
  tag: 'tags',
}

const globalHelp = `
Everywhere:
  -C DIR            the project folder (default: the working folder or one above it)
  --json            pure JSON on stdout, everything else on stderr
  --no-color        no colours (also: NO_COLOR=1)
  -h, --help        this text
`

/** A verb: `list`, `run`. Its subjects are added with `subject`. */
export function verb(name: string, summary: string): Command {
  return prepared(new Command(`varve ${name}`)).description(summary)
}

/** A subject of a verb: `repo <name>` under `list`. `usage` holds its words as commander reads them. */
export function subject(parent: Command, usage: string, summary: string): Command {
  const command = prepared(parent.command(usage)).summary(summary)
  command.description(`${headingOf(parent)} ${command.name()}: ${summary}`)
  const plural = plurals[command.name()]
  if (plural !== undefined) command.alias(plural)
  return command
}

/** "Create" of `varve create`: in front of its subjects, whose words begin where its own end. */
function headingOf(parent: Command): string {
  const word = parent.name().replace(/^varve /, '')
  return word.charAt(0).toUpperCase() + word.slice(1)
}

/** The option pachctl's commands carry everywhere. */
export function withProject(command: Command): Command {
  return command.option('--project <name>', 'the project the names belong to')
}

/** `--raw` and `-o`: output for scripts written for pachctl. */
export function withRaw(command: Command): Command {
  return command
    .option('--raw', "pachctl's JSON, with its field names")
    .option('-o, --output <format>', '"json" or "yaml", for --raw')
    .option('--full-timestamps', 'exact times instead of ages')
}

/** Options of pachctl that mean nothing here: taken, so that its scripts run, and not in the help. */
export function alsoTakes(command: Command, flags: readonly string[]): Command {
  for (const each of flags) command.addOption(new Option(each).hideHelp())
  return command
}

/** An option of pachctl that asks for what cannot be had here: refused by name, with what to do instead. */
export function refuses(
  command: Command,
  flags: string,
  { why, next }: { readonly why: string; readonly next: string },
): Command {
  const option = new Option(flags).hideHelp()
  command.on(`option:${option.name()}`, () => {
    throw new VarveError('NOT_SUPPORTED', { what: `${option.long ?? flags}: ${why}`, next })
  })
  return command.addOption(option)
}

function prepared(command: Command): Command {
  return command
    .exitOverride()
    .configureOutput({ writeErr: () => undefined })
    .configureHelp({ showGlobalOptions: false, subcommandTerm })
    .helpCommand(false)
    .helpOption('-h, --help', 'this text')
    .showSuggestionAfterError(true)
    .addHelpText('after', globalHelp)
}

function subcommandTerm(this: Help, command: Command): string {
  const words = command.registeredArguments.map((argument) => {
    const name = argument.variadic ? `${argument.name()}...` : argument.name()
    return argument.required ? `<${name}>` : `[${name}]`
  })
  return [command.name(), ...words].join(' ')
}

/** Commander's complaint in our words; undefined when it only printed help. */
export function usageError(
  error: CommanderError,
  command: Command,
  words: readonly string[],
): VarveError | undefined {
  if (error.exitCode === 0) return undefined
  const message = error.message.replace(/^error: /, '').replace(/\.$/, '')
  const [first = '', ...rest] = message.split('\n')
  const what = `${first.charAt(0).toUpperCase()}${first.slice(1)}.${rest.length > 0 ? ` ${rest.join(' ')}` : ''}`
  return new VarveError('USAGE', {
    what: what
      .replaceAll("'", '"')
      .replace(/\(Did you mean (?:one of )?([^ ,?]+).*?\?\)/, 'Did you mean "$1"?'),
    next: `Run \`${lineOf(namedCommands(command, words))} --help\`.`,
    data: { line: [command.name().replace(/^varve /, ''), ...words] },
  })
}

/** `varve list` alone: a verb that lacks its subject. */
export function subjectMissing(command: Command, words: readonly string[]): VarveError {
  const named = namedCommands(command, words)
  const line = lineOf(named)
  const subjects = named.at(-1)?.commands.map((child) => child.name()) ?? []
  return new VarveError('USAGE', {
    what: `\`${line}\` needs a further word: ${subjects.join(', ')}.`,
    next: `Run \`${line} --help\`.`,
    data: { subjects },
  })
}

/** The verb and the subjects that its words name, outermost first. */
export function namedCommands(command: Command, words: readonly string[]): readonly Command[] {
  const named = [command]
  for (const word of words) {
    const children = named.at(-1)?.commands ?? []
    const next = children.find((child) => [child.name(), ...child.aliases()].includes(word))
    if (next !== undefined) named.push(next)
  }
  return named
}

/** As it is typed: `varve create repo`. */
function lineOf(named: readonly Command[]): string {
  return named.map((command) => command.name()).join(' ')
}
