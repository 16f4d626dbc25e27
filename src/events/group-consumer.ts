import { invariant, type Clock } from '../util/index.ts'
import type { Burial, CommitReport, Consumer, Message } from './event-bus.ts'
import type { GroupLog } from './topic-log.ts'
import { TopicReader } from './topic-reader.ts'
import { Watermark } from './watermark.ts'

export const defaultLeaseMs = 30_000

export interface ConsumerParts {
  readonly log: GroupLog
  readonly group: string
  readonly leaseMs: number
  readonly clock: Clock
  readonly left: () => void
}

interface Held {
  watermark: Watermark
  /** The offset the log knows of. */
  stored: number
}

/**
 * A member of a group over a log of this process. Whether the log has changed hands is asked with
 * every poll, which costs one look-up; the lease itself is written each third of its time.
 */
export class GroupConsumer implements Consumer {
  readonly #parts: ConsumerParts
  readonly #reader: TopicReader
  readonly #held = new Map<number, Held>()
  /** To be given up: nothing new is taken from these. */
  #draining: ReadonlySet<number> = new Set()
  #generation = -1
  #renewedAt = 0
  #left = false

  constructor(parts: ConsumerParts) {
    this.#parts = parts
    this.#reader = new TopicReader(parts.log)
    this.#renew()
  }

  async poll(max: number): Promise<readonly Message[]> {
    invariant(!this.#left, 'a consumer that has left its group was polled')
    this.#renewIfDue()
    const found: Message[] = []
    let passedOver = false
    let read = this.#reader.take(max, this.#draining)
    while (read.length > 0) {
      for (const message of read) {
        const { watermark } = this.#heldOf(message.partition)
        watermark.deliver(message.offset)
        if (message.onlyFor === undefined || message.onlyFor === this.#parts.group) {
          found.push(message)
        } else {
          watermark.done(message.offset)
          passedOver = true
        }
      }
      read = this.#reader.take(max - found.length, this.#draining)
    }
    if (passedOver) this.#settle([])
    return found
  }

  async commit(messages: readonly Message[]): Promise<CommitReport> {
    for (const { partition, offset } of messages) {
      this.#held.get(partition)?.watermark.done(offset)
    }
    return this.#settle(messages)
  }

  async bury(messages: readonly Message[], burial: Burial): Promise<CommitReport> {
    const before = new Map([...this.#held].map(([partition, held]) => [partition, held.watermark]))
    for (const held of this.#held.values()) held.watermark = held.watermark.copy()
    for (const { partition, offset } of messages) {
      this.#held.get(partition)?.watermark.done(offset)
    }
    try {
      return this.#settle(messages, burial)
    } catch (error) {
      // The letters are not written, so their messages are not done.
      for (const [partition, watermark] of before) this.#heldOf(partition).watermark = watermark
      throw error
    }
  }

  async leave(): Promise<void> {
    if (this.#left) return
    this.#parts.log.leave()
    this.#left = true
    for (const partition of this.#held.keys()) this.#drop(partition)
    this.#parts.left()
  }

  #settle(messages: readonly Message[], burial?: Burial): CommitReport {
    const offsets = new Map<number, number>()
    for (const [partition, { watermark, stored }] of this.#held) {
      if (watermark.offset > stored) offsets.set(partition, watermark.offset)
    }
    const buried =
      burial === undefined ? [] : messages.filter((one) => this.#held.has(one.partition))
    if (offsets.size + buried.length > 0) {
      const held = this.#parts.log.settle({
        offsets,
        buried,
        ...(burial === undefined ? {} : { burial }),
      })
      for (const [partition, offset] of offsets) this.#heldOf(partition).stored = offset
      for (const partition of this.#held.keys()) if (!held.has(partition)) this.#drop(partition)
    }
    const lost = messages.filter(({ partition }) => !this.#held.has(partition))
    if (!this.#left) this.#renewIfDue()
    return { lost }
  }

  #renewIfDue(): void {
    const { log, clock, leaseMs } = this.#parts
    const drained = [...this.#draining].some((partition) => this.#isIdle(partition))
    const due = clock.now() - this.#renewedAt >= leaseMs / 3
    if (drained || due || log.generation() !== this.#generation) this.#renew()
  }

  #renew(): void {
    const { log, clock } = this.#parts
    const now = clock.now()
    const idle = [...this.#held.keys()].filter((partition) => this.#isIdle(partition))
    const { generation, kept, claimed, surplus } = log.renew(idle)
    for (const partition of this.#held.keys()) {
      if (!kept.includes(partition)) this.#drop(partition)
    }
    for (const [partition, offset] of claimed) {
      this.#held.set(partition, { watermark: new Watermark(offset), stored: offset })
      this.#reader.add(partition, offset)
    }
    const busy = kept.filter((partition) => !this.#isIdle(partition))
    this.#draining = new Set(busy.slice(0, surplus))
    this.#generation = generation
    this.#renewedAt = now
  }

  /** Nothing is open, and the log knows it. */
  #isIdle(partition: number): boolean {
    const held = this.#held.get(partition)
    return held !== undefined && held.watermark.idle && held.stored === held.watermark.offset
  }

  #heldOf(partition: number): Held {
    const held = this.#held.get(partition)
    invariant(held !== undefined, `partition ${partition} is read and not held`)
    return held
  }

  #drop(partition: number): void {
    this.#held.delete(partition)
    this.#reader.remove(partition)
  }
}
