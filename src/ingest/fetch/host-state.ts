import { Fifo } from './fifo.ts'
import type { HostCondition, HostReport } from './types.ts'

/** What a place in the queue of a host ends with. */
export type Admission =
  | { readonly kind: 'pass'; readonly pass: Pass }
  | { readonly kind: 'refused'; readonly error: string }

/** The right to one request; to be handed back when it has ended, however it ended. */
export interface Pass {
  readonly host: HostState
  /** Counts up over all passes of the host. */
  readonly number: number
}

export interface Waiter {
  /** A waiter that left stays in the queue and is skipped. */
  left: boolean
  readonly admit: (admission: Admission) => void
}

/** What we know of one host. The gate decides; this only remembers. */
export class HostState {
  readonly name: string
  readonly queue = new Fifo<Waiter>()
  active = 0
  waiting = 0
  answered = 0
  failed = 0
  /** No request before this time: the rate, or what the host asked for. */
  opensAt = 0
  /** All requests fail until this time. */
  refusedUntil = 0
  /** Failures in a row; past the limit only one request goes out at a time. */
  failures = 0
  /** How often in a row the host was set aside. */
  timesAside = 0
  passes = 0
  /** The newest pass when the host last answered. */
  answeredAtPass = 0
  /** Times in a row the host asked for a pause, those under way together counted once. */
  asks = 0
  askedAtPass = 0
  lastError = ''
  lastUsed = 0
  /** In the gate's list of hosts that could start a request. */
  isListed = false
  wakeUp: NodeJS.Timeout | undefined

  constructor(name: string) {
    this.name = name
  }

  get isIdle(): boolean {
    return this.active === 0 && this.waiting === 0
  }

  report(now: number): HostReport {
    const condition = this.#condition(now)
    const until = condition === 'refused' ? this.refusedUntil : this.opensAt
    return {
      host: this.name,
      condition,
      active: this.active,
      waiting: this.waiting,
      answered: this.answered,
      failed: this.failed,
      ...(condition === 'open' ? {} : { until }),
      ...(this.lastError === '' ? {} : { lastError: this.lastError }),
    }
  }

  #condition(now: number): HostCondition {
    if (this.refusedUntil > now) return 'refused'
    if (this.timesAside > 0) return 'aside'
    return this.opensAt > now ? 'delayed' : 'open'
  }
}
