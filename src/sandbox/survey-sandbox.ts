import { mkdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { cgroupVersion, findCgroupRoots, removeCgroupRoots } from './cgroup.ts'
import { chooseIsolation } from './choose-isolation.ts'
import type { SandboxKind, SandboxOptions } from './types.ts'

/** What commands would run in on this machine, and why. */
export interface SandboxSurvey {
  readonly kind: SandboxKind
  /** Why each stronger way was not taken. */
  readonly passedOver: readonly string[]
  /** Version of the control groups of this machine; undefined where there are none. */
  readonly cgroups: 1 | 2 | undefined
  /** Control groups can be made here, so that limits count whole process trees. */
  readonly makesCgroups: boolean
}

/** Tries what `openSandbox` would take. Throws `NOT_SUPPORTED` as it does. */
export async function surveySandbox(
  options: Pick<SandboxOptions, 'mode' | 'scratch' | 'random'>,
): Promise<SandboxSurvey> {
  const id = options.random.uuidHex()
  const folder = join(options.scratch, `sandbox-${id}`)
  mkdirSync(folder, { recursive: true })
  try {
    const { isolation, passedOver } = chooseIsolation(options.mode, folder)
    const roots = findCgroupRoots(`varve-${id}`)
    if (roots !== undefined) await removeCgroupRoots(roots)
    return {
      kind: isolation.kind,
      passedOver,
      cgroups: roots?.version ?? cgroupVersion(),
      makesCgroups: roots !== undefined,
    }
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}
