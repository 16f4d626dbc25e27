import { spawnSync } from 'node:child_process'
import { mkdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { VarveError } from '../model/index.ts'
import { bwrapIsolation } from './bwrap.ts'
import { findCgroupRoots } from './cgroup.ts'
import { findProgram, machinePath } from './environment.ts'
import type { Isolation, TaskView } from './isolation.ts'
import { LauncherPool } from './launcher-pool.ts'
import { LocalSandbox } from './local-sandbox.ts'
import { plainIsolation } from './plain.ts'
import { makeTaskFolder } from './task-folder.ts'
import type { Sandbox, SandboxKind, SandboxOptions } from './types.ts'
import { unshareIsolation } from './unshare.ts'

/**
 * Opens a sandbox for commands. `auto` takes the strongest isolation that works in a real trial and
 * says in `warnings` what is missing; a mode asked for by name that does not work is an error
 * (`NOT_SUPPORTED` with the reason). Throws `MISSING_PROGRAM` when there is no bash.
 */
export async function openSandbox(options: SandboxOptions): Promise<Sandbox> {
  const id = options.random.uuidHex()
  const folder = join(options.scratch, `sandbox-${id}`)
  mkdirSync(folder, { recursive: true })
  const open = (isolation: Isolation, warnings: readonly string[]): LocalSandbox =>
    new LocalSandbox({
      isolation,
      launchers: new LauncherPool(launcherCommand()),
      cgroups: findCgroupRoots(`varve-${id}`),
      clock: options.clock,
      random: options.random,
      warnings,
      folder,
    })
  const reasons: string[] = []
  for (const make of candidates(options.mode)) {
    const isolation = make(folder)
    if (typeof isolation === 'string') {
      reasons.push(isolation)
      continue
    }
    const fault = isolation.kind === 'plain' ? undefined : trial(isolation, folder)
    if (fault === undefined) return open(isolation, warningsFor(isolation.kind, reasons))
    reasons.push(fault)
  }
  rmSync(folder, { recursive: true, force: true })
  throw new VarveError('NOT_SUPPORTED', {
    what: `Commands cannot be isolated with ${options.mode} on this machine: ${reasons.join('; ')}`,
    next: 'Use sandbox mode auto, or install what is missing.',
    data: { reasons },
  })
}

/** Makes an isolation that works in a folder, or says why this machine has none of that kind. */
type Candidate = (folder: string) => Isolation | string

function candidates(mode: SandboxOptions['mode']): readonly Candidate[] {
  const all = { bwrap: bwrapIsolation, unshare: unshareIsolation, plain: () => plainIsolation }
  return mode === 'auto' ? [all.bwrap, all.unshare, all.plain] : [all[mode]]
}

function warningsFor(kind: SandboxKind, reasons: readonly string[]): string[] {
  if (kind !== 'plain' || reasons.length === 0) return []
  return [
    'Commands are not isolated on this machine: they run as plain processes that can reach ' +
      'your files and the network, and /pfs and /tmp are rewritten only in cmd, stdin and env ' +
      `(${reasons.join('; ')}).`,
  ]
}

/** Runs `true` with all the parts of a real task; returns what the system said when it failed. */
function trial(isolation: Isolation, folder: string): string | undefined {
  const root = join(folder, `trial-${isolation.kind}`)
  makeTaskFolder(root)
  const view: TaskView = {
    task: { argv: ['true'], env: {} },
    env: { PATH: machinePath() },
    root,
    outDir: join(root, 'out'),
    inputDirs: new Map(),
    binDir: join(folder, 'bin'),
  }
  mkdirSync(view.outDir)
  mkdirSync(view.binDir, { recursive: true })
  isolation.prepare(view)
  const { argv, env, cwd } = isolation.launch(view)
  const [program = '', ...args] = argv
  const result = spawnSync(program, args, { env, cwd, encoding: 'utf8', timeout: 10_000 })
  rmSync(root, { recursive: true, force: true })
  if (result.status === 0) return undefined
  const said = result.error?.message ?? result.stderr.trim().split('\n')[0]
  return `${isolation.kind} does not work here: ${said ?? 'no message'}`
}

function launcherCommand(): [string, ...string[]] {
  const bash = findProgram('bash', machinePath())
  if (bash !== undefined) return [bash, '--noprofile', '--norc']
  throw new VarveError('MISSING_PROGRAM', {
    what: 'Commands are started by bash, and there is none on PATH',
    next: 'Install bash.',
  })
}
