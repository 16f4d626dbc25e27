import { mkdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { VarveError } from '../model/index.ts'
import { findCgroupRoots } from './cgroup.ts'
import { chooseIsolation } from './choose-isolation.ts'
import { findProgram, machinePath } from './environment.ts'
import type { Isolation } from './isolation.ts'
import { LauncherPool } from './launcher-pool.ts'
import { LocalSandbox } from './local-sandbox.ts'
import type { Sandbox, SandboxKind, SandboxOptions } from './types.ts'

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
  try {
    const { isolation, passedOver } = chooseIsolation(options.mode, folder)
    return open(isolation, warningsFor(isolation.kind, passedOver))
  } catch (error) {
    rmSync(folder, { recursive: true, force: true })
    throw error
  }
}

function warningsFor(kind: SandboxKind, reasons: readonly string[]): string[] {
  if (kind !== 'plain' || reasons.length === 0) return []
  return [
    'Commands are not isolated on this machine: they run as plain processes that can reach ' +
      'your files and the network, and /pfs and /tmp are rewritten only in cmd, stdin and env ' +
      `(${reasons.join('; ')}).`,
  ]
}

function launcherCommand(): [string, ...string[]] {
  const bash = findProgram('bash', machinePath())
  if (bash !== undefined) return [bash, '--noprofile', '--norc']
  throw new VarveError('MISSING_PROGRAM', {
    what: 'Commands are started by bash, and there is none on PATH',
    next: 'Install bash.',
  })
}
