import { language } from './environment.ts'
import { shellQuote } from './shell-quote.ts'
import type { CommandLimits } from './types.ts'

/** A command as the host starts it, isolation already spelled out. */
export interface Launch {
  readonly argv: readonly string[]
  readonly env: Readonly<Record<string, string>>
  readonly cwd: string
}

export interface LaunchExtras {
  readonly stdinFile: string
  readonly limits: CommandLimits
  /** How often to look, two milliseconds apart, whether what it left behind is gone. */
  readonly rounds: number
  /** `cgroup.procs` files the command enters before it starts. */
  readonly cgroupFiles: readonly string[]
}

/** Names bash can export and does not treat specially itself. */
const plainName = /^[A-Za-z_]\w*$/
const shellOwned = /^(BASH\w*|SHELLOPTS|UID|EUID|PPID|GROUPS|FUNCNAME|DIRSTACK|RANDOM|SECONDS|_)$/

/** The script a launcher evaluates to run one command; see `launcher-script.ts`. */
export function launchScript(launch: Launch, extras: LaunchExtras): string {
  const lines = ['(']
  for (const file of extras.cgroupFiles) lines.push(`echo $BASHPID >${shellQuote(file)}`)
  lines.push(...ulimits(extras.limits, extras.cgroupFiles.length > 0))
  lines.push(`cd -- ${shellQuote(launch.cwd)} || exit 126`)
  lines.push(execLine(launch))
  lines.push(
    `) <${shellQuote(extras.stdinFile)} 2>&1 9<&- &`,
    `varve_wait $! ${String(extras.rounds)}`,
    '',
  )
  return lines.join('\n')
}

/**
 * `exec` of the program, its variables before it: an `export` for each would be so many commands.
 * Names a shell cannot export (`my-repo`) go through `env`, which costs one more exec and is
 * therefore the exception.
 */
function execLine(launch: Launch): string {
  const command = launch.argv.map(shellQuote).join(' ')
  const own: string[] = []
  const odd: string[] = []
  for (const [name, value] of Object.entries(launch.env)) {
    if (name === 'LANG' && value === language) continue
    if (plainName.test(name) && !shellOwned.test(name)) own.push(`${name}=${shellQuote(value)}`)
    else odd.push(`${shellQuote(name)}=${shellQuote(value)}`)
  }
  const program = odd.length === 0 ? command : `env ${odd.join(' ')} ${command}`
  return [...own, 'exec', program].join(' ')
}

/**
 * Data size rather than address space: the latter kills runtimes that reserve much and use little.
 * Not where a cgroup counts memory (`counted`): the kernel then says that the limit was the cause.
 */
function ulimits(limits: CommandLimits, counted: boolean): string[] {
  const lines: string[] = []
  if (limits.cpuSeconds !== undefined) {
    const seconds = Math.max(1, Math.ceil(limits.cpuSeconds))
    lines.push(`ulimit -H -t ${String(seconds + 1)}; ulimit -S -t ${String(seconds)}`)
  }
  if (limits.memoryBytes !== undefined && !counted) {
    lines.push(`ulimit -d ${kibibytes(limits.memoryBytes)}`)
  }
  if (limits.outputBytes !== undefined) lines.push(`ulimit -f ${kibibytes(limits.outputBytes)}`)
  return lines
}

function kibibytes(bytes: number): string {
  return String(Math.max(1, Math.ceil(bytes / 1024)))
}
