import type { Clock } from '../../util/index.ts'
import { Fifo } from './fifo.ts'
import { HostState, type Admission, type Pass, type Waiter } from './host-state.ts'
import type { HostReport } from './types.ts'

export interface GateLimits {
  readonly concurrency: number
  readonly hostConcurrency: number
  /** Requests per second. */
  readonly hostRate: number
  readonly hostFailures: number
  readonly hostAsideMs: number
  readonly maxRetryAfterMs: number
}

/** What a request says about its host. */
export type HostSign =
  | { readonly kind: 'answered' }
  /** The host asked for a pause (429, 503). */
  | { readonly kind: 'asked'; readonly waitMs: number; readonly error: string }
  | { readonly kind: 'failed'; readonly error: string }
  /** Nothing: stopped by us, or the fault was not the host's. */
  | { readonly kind: 'nothing' }

/** Beyond this many hosts, those without work and without a story are forgotten. */
const hostsKept = 8192
const storyMs = 10 * 60_000
const longestAsideMs = 10 * 60_000
/** A host that does nothing but ask for patience would keep a run from ending. */
const asksGranted = 5
const longestRefusalMs = 60 * 60_000

/**
 * Who may send a request now: so many at once in all, so many and at such a rate to one host. A host
 * that fails many times in a row is set aside for a while; its requests wait, then one is tried. Fails
 * that one too, all that wait for the host fail with it, and new ones fail at once for a longer while:
 * a run over a dead host ends.
 */
export class HostGate {
  readonly #limits: GateLimits
  readonly #clock: Clock
  readonly #hosts = new Map<string, HostState>()
  /** Hosts with waiting requests that may start one, served in turn. */
  readonly #ready = new Fifo<HostState>()
  #active = 0
  #isPaused = false
  #sweepAt = hostsKept

  constructor(limits: GateLimits, clock: Clock) {
    this.#limits = limits
    this.#clock = clock
  }

  /** A pass or a refusal at once; undefined when it is not this request's turn: then `queue`. */
  enter(hostName: string): Admission | undefined {
    const host = this.#host(hostName)
    if (host.refusedUntil > host.lastUsed) return refusal(host)
    if (host.waiting > 0 || !this.#hasPlace()) return undefined
    return this.#mayStart(host, host.lastUsed) ? this.#start(host) : undefined
  }

  /** Waits for an admission. Returns how to leave the queue. */
  queue(hostName: string, admit: (admission: Admission) => void): () => void {
    const host = this.#host(hostName)
    const waiter: Waiter = { left: false, admit }
    host.queue.push(waiter)
    host.waiting += 1
    this.#list(host)
    this.#serve()
    return () => {
      if (waiter.left) return
      waiter.left = true
      host.waiting -= 1
    }
  }

  leave(pass: Pass, sign: HostSign): void {
    const { host } = pass
    host.active -= 1
    this.#active -= 1
    switch (sign.kind) {
      case 'answered':
        this.#answered(host)
        break
      case 'asked':
        this.#asked(pass, sign.waitMs, sign.error)
        break
      case 'failed':
        this.#failed(pass, sign.error)
        break
      case 'nothing':
        break
    }
    this.#list(host)
    this.#serve()
  }

  /** While paused nobody is admitted; who has a pass goes on. */
  pause(isPaused: boolean): void {
    if (this.#isPaused === isPaused) return
    this.#isPaused = isPaused
    this.#serve()
  }

  reports(): readonly HostReport[] {
    const now = this.#clock.now()
    const all = [...this.#hosts.values()].map((host) => host.report(now))
    return all.sort((a, b) => b.active + b.waiting - a.active - a.waiting)
  }

  close(): void {
    for (const host of this.#hosts.values()) clearTimeout(host.wakeUp)
    this.#hosts.clear()
  }

  #hasPlace(): boolean {
    return !this.#isPaused && this.#active < this.#limits.concurrency
  }

  #answered(host: HostState): void {
    host.answered += 1
    host.asks = 0
    host.answeredAtPass = host.passes
    host.failures = 0
    host.timesAside = 0
  }

  #asked(pass: Pass, waitMs: number, error: string): void {
    const { host } = pass
    const now = this.#clock.now()
    const asks = pass.number > host.askedAtPass ? host.asks + 1 : host.asks
    this.#answered(host)
    host.asks = asks
    host.askedAtPass = host.passes
    if (waitMs > this.#limits.maxRetryAfterMs) {
      this.#refuse(host, error, now + Math.min(waitMs, longestRefusalMs))
    } else if (asks > asksGranted) {
      this.#refuse(host, error, now + longestAsideMs)
    } else {
      host.opensAt = Math.max(host.opensAt, now + waitMs)
    }
  }

  #failed(pass: Pass, error: string): void {
    const { host } = pass
    host.failed += 1
    host.lastError = error
    // It began before the host last answered: old news. Slow URLs of a healthy host end like this.
    if (pass.number <= host.answeredAtPass) return
    host.failures += 1
    if (host.failures < this.#limits.hostFailures) return
    const now = this.#clock.now()
    const aside = this.#limits.hostAsideMs * 2 ** host.timesAside
    // Those that were under way when it was set aside tell nothing new.
    if (host.timesAside === 0) {
      host.timesAside = 1
      host.opensAt = now + aside
      host.answeredAtPass = host.passes
    } else {
      host.timesAside += 1
      this.#refuse(host, error, now + Math.min(aside, longestAsideMs))
    }
  }

  #refuse(host: HostState, error: string, until: number): void {
    host.lastError = error
    host.refusedUntil = Math.max(host.refusedUntil, until)
    const refused = refusal(host)
    for (let waiter = nextWaiter(host); waiter !== undefined; waiter = nextWaiter(host)) {
      waiter.admit(refused)
    }
  }

  #host(name: string): HostState {
    const now = this.#clock.now()
    let host = this.#hosts.get(name)
    if (host === undefined) {
      if (this.#hosts.size >= this.#sweepAt) this.#sweep(now)
      host = new HostState(name)
      this.#hosts.set(name, host)
    }
    host.lastUsed = now
    return host
  }

  #mayStart(host: HostState, now: number): boolean {
    const atOnce = host.timesAside > 0 ? 1 : this.#limits.hostConcurrency
    return host.active < atOnce && host.opensAt <= now
  }

  #start(host: HostState): Admission {
    host.active += 1
    host.passes += 1
    this.#active += 1
    if (Number.isFinite(this.#limits.hostRate)) {
      host.opensAt = Math.max(host.opensAt, host.lastUsed) + 1000 / this.#limits.hostRate
    }
    return { kind: 'pass', pass: { host, number: host.passes } }
  }

  /** Puts a host in line if it has work it may do; sets an alarm if it may later. */
  #list(host: HostState): void {
    if (host.waiting === 0 || host.isListed) return
    const now = this.#clock.now()
    if (this.#mayStart(host, now)) {
      host.isListed = true
      this.#ready.push(host)
    } else if (host.opensAt > now && host.wakeUp === undefined) {
      host.wakeUp = setTimeout(() => this.#wake(host), host.opensAt - now)
    }
  }

  #wake(host: HostState): void {
    host.wakeUp = undefined
    this.#list(host)
    this.#serve()
  }

  #serve(): void {
    while (this.#hasPlace()) {
      const host = this.#ready.shift()
      if (host === undefined) return
      host.isListed = false
      host.lastUsed = this.#clock.now()
      const waiter = this.#mayStart(host, host.lastUsed) ? nextWaiter(host) : undefined
      waiter?.admit(this.#start(host))
      this.#list(host)
    }
  }

  #sweep(now: number): void {
    for (const [name, host] of this.#hosts) {
      const hasStory = host.failures > 0 || host.opensAt > now || host.refusedUntil > now
      if (host.isIdle && (!hasStory || host.lastUsed < now - storyMs)) this.#hosts.delete(name)
    }
    this.#sweepAt = Math.max(hostsKept, this.#hosts.size * 2)
  }
}

function nextWaiter(host: HostState): Waiter | undefined {
  for (let waiter = host.queue.shift(); waiter !== undefined; waiter = host.queue.shift()) {
    if (waiter.left) continue
    waiter.left = true
    host.waiting -= 1
    return waiter
  }
  return undefined
}

function refusal(host: HostState): Admission {
  return { kind: 'refused', error: `host set aside: ${host.lastError}` }
}
