import { readdirSync, statSync } from 'node:fs'
import { join } from 'node:path'
import type { TaskCgroup } from './cgroup.ts'
import type { Deadline } from './deadline.ts'
import type { LaunchEnd, Launcher } from './launcher.ts'
import type { CommandLimits, LimitName } from './types.ts'

/** Why we ended a command before it ended by itself. */
export type StopCause =
  | { readonly kind: 'timeout'; readonly allowedMs: number }
  | { readonly kind: 'limit'; readonly limit: LimitName; readonly allowed: number }
  | { readonly kind: 'aborted' }

export interface Supervised {
  readonly end: LaunchEnd
  readonly stop: StopCause | undefined
}

export interface Watch {
  readonly limits: CommandLimits
  readonly cgroup: TaskCgroup | undefined
  /** Folders whose bytes together may not exceed `limits.outputBytes`. */
  readonly outputDirs: readonly string[]
  readonly deadline: Deadline
  readonly signal: AbortSignal | undefined
}

/** Time between the request to end and the kill. */
const GRACE_MS = 300
const POLL_MS = 100

/** Watches over one running command: time, output size, abort. Resolves when all of it is gone. */
export async function supervise(
  launcher: Launcher,
  running: Promise<LaunchEnd>,
  watch: Watch,
): Promise<Supervised> {
  let stop: StopCause | undefined
  const timers: NodeJS.Timeout[] = []
  const end = (cause: StopCause): void => {
    if (stop !== undefined) return
    stop = cause
    launcher.signal('ask')
    timers.push(
      setTimeout(() => {
        watch.cgroup?.kill()
        launcher.signal('kill')
      }, GRACE_MS),
    )
  }
  const onAbort = (): void => end({ kind: 'aborted' })
  watch.signal?.addEventListener('abort', onAbort, { once: true })
  watch.deadline.onExpiry = (allowedMs) => end({ kind: 'timeout', allowedMs })
  watch.deadline.start()
  const { outputBytes } = watch.limits
  if (outputBytes !== undefined) {
    const check = (): void => {
      if (!exceeds(watch.outputDirs, outputBytes)) return
      end({ kind: 'limit', limit: 'output', allowed: outputBytes })
    }
    timers.push(setInterval(check, POLL_MS))
  }
  try {
    const result = await running
    return { end: result, stop: stop ?? limitReached(result, watch) }
  } finally {
    watch.deadline.close()
    for (const timer of timers) clearTimeout(timer)
    watch.signal?.removeEventListener('abort', onAbort)
  }
}

/** 128 + SIGXCPU and 128 + SIGXFSZ, as a shell reports them. */
const CPU_LIMIT_CODE = 152
const FILE_SIZE_CODE = 153

/** The limit the system enforced, told from the exit code and the counters of the cgroup. */
function limitReached(end: LaunchEnd, watch: Watch): StopCause | undefined {
  const { cpuSeconds, outputBytes, memoryBytes, processes } = watch.limits
  const events = watch.cgroup?.events()
  if (processes !== undefined && events !== undefined && events.forksRefused > 0) {
    return { kind: 'limit', limit: 'processes', allowed: processes }
  }
  if (memoryBytes !== undefined && events !== undefined && events.memoryKills > 0) {
    return { kind: 'limit', limit: 'memory', allowed: memoryBytes }
  }
  if (cpuSeconds !== undefined && end.code === CPU_LIMIT_CODE) {
    return { kind: 'limit', limit: 'cpu', allowed: cpuSeconds }
  }
  if (outputBytes === undefined) return undefined
  const tooMuch = end.code === FILE_SIZE_CODE || exceeds(watch.outputDirs, outputBytes)
  return tooMuch ? { kind: 'limit', limit: 'output', allowed: outputBytes } : undefined
}

/** True when the files below the folders use more than `limit` bytes; stops counting there. */
function exceeds(folders: readonly string[], limit: number): boolean {
  const queue = [...folders]
  let bytes = 0
  for (let folder = queue.pop(); folder !== undefined; folder = queue.pop()) {
    for (const entry of entriesOf(folder)) {
      const path = join(folder, entry.name)
      if (entry.isDirectory()) queue.push(path)
      else if (entry.isFile()) bytes += sizeOf(path)
    }
    if (bytes > limit) return true
  }
  return false
}

/** The command deletes and moves while we look; what is gone counts nothing. */
function entriesOf(folder: string): ReturnType<typeof readFolder> {
  try {
    return readFolder(folder)
  } catch {
    return []
  }
}

function readFolder(folder: string) {
  return readdirSync(folder, { withFileTypes: true })
}

function sizeOf(file: string): number {
  try {
    const stats = statSync(file)
    return Math.max(stats.size, stats.blocks * 512)
  } catch {
    return 0
  }
}
