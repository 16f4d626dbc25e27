import type { Clock } from '../util/index.ts'
import type { DeadLetter, GroupInfo } from './event-bus.ts'
import { balance } from './fair-share.ts'
import type { Assignment, GroupLog, PartitionBounds, Settlement, TopicLog } from './topic-log.ts'

export interface MemberFacts {
  readonly id: string
  readonly leaseMs: number
  readonly clock: Clock
}

/** Offsets, members and dead letters of one group in memory. */
export class MemoryGroup {
  readonly letters = new Map<string, DeadLetter>()
  readonly #name: string
  readonly #offsets: number[]
  readonly #owners: (string | undefined)[]
  /** When the lease of each member ends, in the order of joining. */
  readonly #leases = new Map<string, number>()
  #generation = 0

  constructor(name: string, bounds: readonly PartitionBounds[], from: 'oldest' | 'newest') {
    this.#name = name
    this.#offsets = bounds.map(({ trimmed, last }) => (from === 'oldest' ? trimmed : last))
    this.#owners = bounds.map(() => undefined)
  }

  committed(partition: number): number {
    return this.#offsets[partition] ?? 0
  }

  info(bounds: readonly PartitionBounds[], now: number): GroupInfo {
    const open = bounds.map(
      ({ trimmed, last }, partition) => last - Math.max(trimmed, this.committed(partition)),
    )
    return {
      group: this.#name,
      lag: open.reduce((sum, count) => sum + count, 0),
      members: [...this.#leases.values()].filter((until) => until > now).length,
      deadLetters: this.letters.size,
    }
  }

  takeLetters(named?: readonly DeadLetter[]): readonly DeadLetter[] {
    const ids = named?.map(({ id }) => id) ?? [...this.letters.keys()]
    const taken = ids.flatMap((id) => this.letters.get(id) ?? [])
    for (const id of ids) this.letters.delete(id)
    return taken
  }

  logOf(topic: TopicLog, member: MemberFacts): GroupLog {
    return {
      bounds: () => topic.bounds(),
      read: (partition, after, max) => topic.read(partition, after, max),
      generation: () => this.#generation,
      renew: (idle) => this.#renew(member, idle),
      settle: (settlement) => this.#settle(member, settlement),
      leave: () => this.#remove(member.id),
    }
  }

  #renew({ id, leaseMs, clock }: MemberFacts, idle: readonly number[]): Assignment {
    const now = clock.now()
    for (const [other, until] of this.#leases) {
      if (other !== id && until <= now) this.#remove(other)
    }
    if (!this.#leases.has(id)) this.#generation += 1
    this.#leases.set(id, now + leaseMs)
    const members = [...this.#leases.keys()]
    const answer = balance({ member: id, members, owners: this.#owners, idle })
    for (const partition of answer.claimed) this.#owners[partition] = id
    for (const partition of answer.released) this.#owners[partition] = undefined
    if (answer.released.length > 0) this.#generation += 1
    return {
      generation: this.#generation,
      kept: answer.kept,
      claimed: new Map(answer.claimed.map((partition) => [partition, this.committed(partition)])),
      surplus: answer.surplus,
    }
  }

  #settle({ id, clock }: MemberFacts, settlement: Settlement): ReadonlySet<number> {
    const { offsets, buried, burial } = settlement
    const held = new Set(
      this.#owners.flatMap((owner, partition) => (owner === id ? partition : [])),
    )
    for (const [partition, offset] of offsets) {
      if (held.has(partition)) {
        this.#offsets[partition] = Math.max(this.committed(partition), offset)
      }
    }
    for (const message of buried) {
      if (!held.has(message.partition) || burial === undefined) continue
      const letter = `${message.partition}/${message.offset}`
      this.letters.set(letter, {
        ...message,
        id: letter,
        reason: burial.reason,
        attempts: (message.attempts ?? 0) + (burial.attempts ?? 1),
        buriedAt: clock.now(),
      })
    }
    return held
  }

  #remove(member: string): void {
    if (!this.#leases.delete(member)) return
    for (const [partition, owner] of this.#owners.entries()) {
      if (owner === member) this.#owners[partition] = undefined
    }
    this.#generation += 1
  }
}
