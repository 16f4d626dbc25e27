import { mkdirSync, readFileSync, rmdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { systemCode } from '../util/index.ts'
import type { CommandLimits } from './types.ts'

/** What the kernel counted for one task. */
export interface CgroupEvents {
  readonly memoryKills: number
  readonly forksRefused: number
  readonly peakBytes: number | undefined
}

/** Folders in which we may make control groups: one for version 2, memory and pids for version 1. */
export interface CgroupRoots {
  readonly version: 1 | 2
  readonly memory: string
  readonly pids: string
}

/**
 * The control groups of one task: they hold every process it starts, whatever session or parent it
 * gives itself, so that limits count all of them and nothing survives the task.
 */
export class TaskCgroup {
  readonly #roots: CgroupRoots
  readonly #folders: { readonly memory: string; readonly pids: string }

  constructor(roots: CgroupRoots, name: string, limits: CommandLimits & { extra: number }) {
    this.#roots = roots
    this.#folders = { memory: join(roots.memory, name), pids: join(roots.pids, name) }
    for (const folder of new Set(Object.values(this.#folders))) mkdirSync(folder)
    const { memory, pids } = this.#folders
    if (limits.processes !== undefined) {
      writeFileSync(join(pids, 'pids.max'), String(limits.processes + limits.extra))
    }
    if (limits.memoryBytes === undefined) return
    const file = roots.version === 2 ? 'memory.max' : 'memory.limit_in_bytes'
    writeFileSync(join(memory, file), String(limits.memoryBytes))
    const swap = roots.version === 2 ? 'memory.swap.max' : 'memory.memsw.limit_in_bytes'
    const swapLimit = roots.version === 2 ? 0 : limits.memoryBytes
    tryWrite(join(memory, swap), String(swapLimit))
  }

  /** The files a process writes its id to in order to enter. */
  get entrances(): readonly string[] {
    return [...new Set(Object.values(this.#folders))].map((folder) => join(folder, 'cgroup.procs'))
  }

  events(): CgroupEvents {
    const { memory, pids } = this.#folders
    const v2 = this.#roots.version === 2
    const peak = tryRead(join(memory, v2 ? 'memory.peak' : 'memory.max_usage_in_bytes'))
    return {
      memoryKills: counter(join(memory, v2 ? 'memory.events' : 'memory.oom_control'), 'oom_kill'),
      forksRefused: counter(join(pids, 'pids.events'), 'max'),
      peakBytes: peak === '' ? undefined : Number(peak),
    }
  }

  /** Kills every process in the group. New ones cannot be made meanwhile, so this comes to an end. */
  kill(): void {
    const { pids } = this.#folders
    let ids = this.#processes()
    if (ids.length === 0) return
    tryWrite(join(pids, 'pids.max'), '0')
    for (let round = 0; round < 100 && ids.length > 0; round += 1) {
      for (const id of ids) killProcess(id)
      ids = this.#processes()
    }
  }

  /** Kills what is left and removes the groups. Dying processes may need a moment to leave. */
  async remove(): Promise<void> {
    this.kill()
    for (const folder of new Set(Object.values(this.#folders))) await removeGroup(folder)
  }

  #processes(): number[] {
    const text = tryRead(join(this.#folders.pids, 'cgroup.procs'))
    return text.split('\n').filter(Boolean).map(Number)
  }
}

/**
 * Finds where control groups can be made, by making one. Containers and machines without delegation
 * refuse; then limits fall back to rlimits.
 */
export function findCgroupRoots(name: string): CgroupRoots | undefined {
  const own = ownGroups()
  const v1 = own.get('memory')
  const pids = own.get('pids')
  if (v1 !== undefined && pids !== undefined) {
    const roots = { version: 1, memory: join(v1, name), pids: join(pids, name) } as const
    if (tryMakeRoots(roots)) return roots
  }
  const v2 = own.get('')
  if (v2 === undefined) return undefined
  for (const parent of [v2, join(v2, '..')]) {
    const roots = { version: 2, memory: join(parent, name), pids: join(parent, name) } as const
    if (tryMakeRoots(roots)) return roots
  }
  return undefined
}

/** The version in force here, whether we may make groups or not; undefined where there are none. */
export function cgroupVersion(): 1 | 2 | undefined {
  const own = ownGroups()
  if (own.has('memory') && own.has('pids')) return 1
  return own.has('') ? 2 : undefined
}

export async function removeCgroupRoots(roots: CgroupRoots): Promise<void> {
  for (const folder of new Set([roots.memory, roots.pids])) await removeGroup(folder)
}

function tryMakeRoots(roots: CgroupRoots): boolean {
  try {
    for (const folder of new Set([roots.memory, roots.pids])) mkdirSync(folder)
    if (roots.version === 2) {
      writeFileSync(join(roots.memory, 'cgroup.subtree_control'), '+memory +pids')
    }
    return true
  } catch {
    for (const folder of new Set([roots.memory, roots.pids])) tryRemove(folder)
    return false
  }
}

/** Controller name (empty for version 2) to the folder of the group this process is in. */
function ownGroups(): Map<string, string> {
  const groups = new Map<string, string>()
  const mounts = tryRead('/proc/self/mounts').split('\n')
  for (const line of tryRead('/proc/self/cgroup').split('\n')) {
    const [, controllers = '', path = ''] = /^\d+:([^:]*):(.*)$/.exec(line) ?? []
    if (path === '') continue
    for (const controller of controllers.split(',')) {
      const mount = mounts
        .map((entry) => entry.split(' '))
        .find(([, , type = '', options = '']) =>
          controller === ''
            ? type === 'cgroup2'
            : type === 'cgroup' && options.split(',').includes(controller),
        )
      if (mount?.[1] !== undefined) groups.set(controller, join(mount[1], path))
    }
  }
  return groups
}

function counter(file: string, name: string): number {
  const match = new RegExp(`^${name} (\\d+)$`, 'm').exec(tryRead(file))
  return Number(match?.[1] ?? 0)
}

async function removeGroup(folder: string): Promise<void> {
  for (let waited = 1; waited < 1000; waited *= 2) {
    if (tryRemove(folder)) return
    await new Promise((resolve) => setTimeout(resolve, waited))
  }
}

function tryRemove(folder: string): boolean {
  try {
    rmdirSync(folder)
    return true
  } catch (error) {
    return systemCode(error) === 'ENOENT'
  }
}

function tryRead(file: string): string {
  try {
    return readFileSync(file, 'utf8').trim()
  } catch {
    return ''
  }
}

function tryWrite(file: string, text: string): void {
  try {
    writeFileSync(file, text)
  } catch {
    // The controller lacks this file (swap accounting off) or the group is gone: nothing to do.
  }
}

function killProcess(id: number): void {
  try {
    process.kill(id, 'SIGKILL')
  } catch {
    // Already gone.
  }
}
