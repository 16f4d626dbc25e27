import { writeFileSync } from 'node:fs'
import { constants } from 'node:os'
import { isAbsolute, join } from 'node:path'
import type { Clock, Random } from '../util/index.ts'
import { type CgroupRoots, TaskCgroup } from './cgroup.ts'
import { findProgram, isExecutable } from './environment.ts'
import type { Isolation, TaskView } from './isolation.ts'
import { launchScript } from './launch.ts'
import type { Deadline } from './deadline.ts'
import type { Launcher } from './launcher.ts'
import type { LauncherPool } from './launcher-pool.ts'
import { type Supervised, supervise } from './supervise.ts'
import type { CommandLog, CommandOutcome, CommandUsage } from './types.ts'
import { userIds } from './user-ids.ts'

export interface RunnerParts {
  readonly isolation: Isolation
  readonly launchers: LauncherPool
  readonly cgroups: CgroupRoots | undefined
  readonly clock: Clock
  readonly random: Random
}

const NO_LOG: CommandLog = { text: '', omittedBytes: 0 }
/** A process namespace ends as one, so that there is nothing to wait for. */
const NAMESPACE_ROUNDS = 1
const NO_USAGE: CommandUsage = { wallMs: 0 }

export const abortedOutcome: CommandOutcome = { kind: 'aborted', usage: NO_USAGE, log: NO_LOG }

export interface RunOptions {
  readonly signal: AbortSignal | undefined
  readonly deadline: Deadline
  /** Hears which launcher has the command. */
  readonly onStart?: (launcher: Launcher) => void
}

/**
 * Starts the command of a prepared view, watches over it and says how it ended. Every process it
 * started is gone when the promise resolves (in plain mode without cgroups: every process that
 * stayed in its group).
 */
export async function runCommand(
  parts: RunnerParts,
  view: TaskView,
  { signal, deadline, onStart }: RunOptions,
): Promise<CommandOutcome> {
  if (signal?.aborted === true) return abortedOutcome
  const [program] = view.task.argv
  if (!programExists(program, view)) {
    return { kind: 'not-found', program, usage: NO_USAGE, log: NO_LOG }
  }
  const mark = parts.random.uuidHex()
  const cgroup = openCgroup(parts, view, mark)
  const launcher = parts.launchers.take()
  const startedAt = parts.clock.now()
  try {
    const running = launcher.run(scriptOf(parts, view, cgroup), mark, noteFor(parts, view))
    onStart?.(launcher)
    const supervised = await supervise(launcher, running, {
      limits: view.task.limits ?? {},
      cgroup,
      outputDirs: [view.outDir, join(view.root, 'tmp')],
      deadline,
      signal,
    })
    return outcomeOf(parts, view, { ...supervised, cgroup, startedAt })
  } finally {
    parts.launchers.give(launcher)
    await cgroup?.remove()
  }
}

/** What a reader of the log must know before the command's own words. */
function noteFor({ isolation }: RunnerParts, { task }: TaskView): string {
  if (task.user === undefined || task.user === '') return ''
  const { kind } = isolation
  if (!isolation.changesUser) {
    return `varve: user "${task.user}" of the spec is ignored: sandbox mode ${kind} cannot change users\n`
  }
  if (userIds(task.user) !== undefined) return ''
  return `varve: user "${task.user}" of the spec is ignored: this machine has no such user\n`
}

function scriptOf(parts: RunnerParts, view: TaskView, cgroup: TaskCgroup | undefined): string {
  const { stdin, limits } = view.task
  const stdinFile = stdin === undefined ? '/dev/null' : join(view.root, 'stdin')
  if (stdin !== undefined) {
    writeFileSync(stdinFile, parts.isolation.rewrite(stdin.join('\n') + '\n', view))
  }
  return launchScript(parts.isolation.launch(view), {
    stdinFile,
    limits: limits ?? {},
    rounds: parts.isolation.kind === 'plain' ? 100 : NAMESPACE_ROUNDS,
    cgroupFiles: cgroup?.entrances ?? [],
  })
}

/** Making and removing a group costs about half a millisecond: only tasks with limits get one. */
function openCgroup(parts: RunnerParts, view: TaskView, name: string): TaskCgroup | undefined {
  const { memoryBytes, processes } = view.task.limits ?? {}
  if (parts.cgroups === undefined || (memoryBytes ?? processes) === undefined) return undefined
  const extra = parts.isolation.extraProcesses
  return new TaskCgroup(parts.cgroups, name, { ...view.task.limits, extra })
}

/**
 * Looked up by us, because a shell's "not found" and a program's own exit code 127 look the same.
 * Paths we cannot see from outside (other mounts) are left to the system.
 */
function programExists(program: string, view: TaskView): boolean {
  if (!program.includes('/')) return findProgram(program, view.env['PATH'] ?? '') !== undefined
  const isPrivate = !isAbsolute(program) || /^\/(pfs|tmp|run|dev|proc)(\/|$)/.test(program)
  const mounted = (view.task.extraMounts ?? []).some(({ path }) => program.startsWith(path))
  return isPrivate || mounted || isExecutable(program)
}

interface End extends Supervised {
  readonly cgroup: TaskCgroup | undefined
  readonly startedAt: number
}

function outcomeOf(
  parts: RunnerParts,
  view: TaskView,
  { end, stop, ...rest }: End,
): CommandOutcome {
  const peakBytes = rest.cgroup?.events().peakBytes
  const usage: CommandUsage = {
    wallMs: parts.clock.now() - rest.startedAt,
    ...(peakBytes === undefined ? {} : { peakBytes }),
  }
  const log = plainLog(end.log, view)
  if (stop !== undefined) return { ...stop, usage, log }
  const { code } = end
  const accepted = code === 0 || (view.task.acceptReturnCodes ?? []).includes(code)
  const signal = code > 128 ? signalName(code - 128) : undefined
  const exited = { kind: 'exited', accepted, code, output: [], usage, log } as const
  return signal === undefined ? exited : { ...exited, signal }
}

/** Plain mode shows commands our folders; people should read the paths they wrote. */
export function plainLog(log: CommandLog, { root }: Pick<TaskView, 'root'>): CommandLog {
  return { ...log, text: log.text.replaceAll(`${root}/`, '/').replaceAll(root, '/') }
}

function signalName(number: number): string | undefined {
  return Object.entries(constants.signals).find(([, value]) => value === number)?.[0]
}
