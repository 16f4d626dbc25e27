/**
 * A fact in the form of CloudEvents 1.0 (https://github.com/cloudevents/spec/blob/v1.0.2), JSON
 * format: something that has happened, in the past tense, never a request to be believed. State is
 * truth and facts are hints: whoever misses one finds the same by looking at the catalog.
 */
export interface Fact {
  readonly specversion: '1.0'
  /** Unique with `source`: a consumer that sees the same pair twice has seen one fact. */
  readonly id: string
  /** Who says so, as a URI reference, for example `/projects/default`. */
  readonly source: string
  /** Noun and past participle: `commit.finished`, `job.failed`. */
  readonly type: string
  /** RFC 3339 in UTC. */
  readonly time: string
  /** What it is about inside the source, for example `images@4f0c…`. */
  readonly subject?: string
  readonly datacontenttype: 'application/json'
  readonly data: Readonly<Record<string, unknown>>
}

export interface NewMessage {
  /** Messages of one key keep their order under every adapter; others may be read in parallel. */
  readonly key?: string
  readonly fact: Fact
}

export interface Message extends NewMessage {
  /** Position in the topic: grows by one with every message, starting at 1. */
  readonly offset: number
}

export interface DeadLetter extends Message {
  readonly reason: string
}

export interface GroupPosition {
  readonly topic: string
  /** A consumer group: its members share one position in the topic. */
  readonly group: string
}

/**
 * The port to facts between processes. Delivery is at least once: what was read and not
 * acknowledged is read again, also after a crash, so consumers must tolerate repeats by `fact.id`.
 * Every method may be called from several processes at once and throws `IO_FAILED` when the bus
 * cannot be reached; publishing is durable as soon as it resolved.
 */
export interface EventBus {
  /** Appends messages to a topic, in order, all or none; a topic exists by being written to. */
  publish(topic: string, messages: readonly NewMessage[]): Promise<void>
  /** Up to `max` messages after the group's position; empty when there are none, without waiting. */
  read(at: GroupPosition, max: number): Promise<readonly Message[]>
  /** Moves the group's position to `offset`; moving it back is ignored. */
  acknowledge(at: GroupPosition, offset: number): Promise<void>
  /** Skips whatever is in the topic now: a new group otherwise starts at the oldest message. */
  seekToEnd(at: GroupPosition): Promise<void>
  /** Puts a message no attempt could handle aside, with the reason, so that it blocks nobody. */
  bury(at: GroupPosition, message: Message, reason: string): Promise<void>
  deadLetters(at: GroupPosition): Promise<readonly DeadLetter[]>
  close(): Promise<void>
}
