import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { VarveError } from '../model/index.ts'
import { findCgroupRoots } from './cgroup.ts'
import { findProgram, machinePath } from './environment.ts'
import { LauncherPool } from './launcher-pool.ts'
import { LocalSandbox } from './local-sandbox.ts'
import { plainIsolation } from './plain.ts'
import type { Sandbox, SandboxOptions } from './types.ts'

/**
 * Opens a sandbox for commands. `auto` takes the strongest isolation that works in a real trial and
 * says in `warnings` what is missing; a mode asked for by name that does not work is an error
 * (`NOT_SUPPORTED` with the reason). Throws `MISSING_PROGRAM` when there is no bash.
 */
export async function openSandbox(options: SandboxOptions): Promise<Sandbox> {
  const id = options.random.uuidHex()
  const folder = join(options.scratch, `sandbox-${id}`)
  mkdirSync(folder, { recursive: true })
  return new LocalSandbox({
    isolation: plainIsolation,
    launchers: new LauncherPool(launcherCommand()),
    cgroups: findCgroupRoots(`varve-${id}`),
    clock: options.clock,
    random: options.random,
    warnings: [],
    folder,
  })
}

/** Where `setpriv` exists, the kernel ends a launcher when our process dies, however it dies. */
function launcherCommand(): [string, ...string[]] {
  const path = machinePath()
  const bash = findProgram('bash', path)
  if (bash === undefined) {
    throw new VarveError('MISSING_PROGRAM', {
      what: 'Commands are started by bash, and there is none on PATH',
      next: 'Install bash.',
    })
  }
  const setpriv = findProgram('setpriv', path)
  const shell = [bash, '--noprofile', '--norc'] as const
  return setpriv === undefined ? [...shell] : [setpriv, '--pdeathsig', 'TERM', ...shell]
}
