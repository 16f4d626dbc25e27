import type { Fact } from './fact.ts'

export interface NewMessage {
  /**
   * Messages of one key lie in one partition and are delivered in the order of publishing. Those
   * without a key are dealt out over the partitions in turn and promise no order.
   */
  readonly key?: string
  readonly fact: Fact
}

export interface Message extends NewMessage {
  readonly partition: number
  /** Position in the partition: grows with every message, not always by one. */
  readonly offset: number
  /** How often handling it has failed; there only when it comes back from the dead letters. */
  readonly attempts?: number
}

/** A message its group gave up on, kept with the reason until it is requeued. */
export interface DeadLetter extends Message {
  /** Of this letter, unique in its bus. */
  readonly id: string
  readonly reason: string
  readonly attempts: number
  /** Milliseconds since the Unix epoch. */
  readonly buriedAt: number
}

export interface GroupPosition {
  readonly topic: string
  /** A consumer group: its members share the messages of the topic among themselves. */
  readonly group: string
}

export interface JoinOptions extends GroupPosition {
  /** Where a group that never was begins: at the oldest message (default) or with the next one. */
  readonly from?: 'oldest' | 'newest'
  /**
   * After how long without a poll or commit a member counts as dead and its partitions go to the
   * others. 30 000 when left out. Work that takes longer calls `poll(0)` meanwhile. An adapter that
   * sees a process end need not wait for its leases.
   */
  readonly leaseMs?: number
}

export interface CommitReport {
  /** Messages whose partition is no longer this member's: others get, or got, them again. */
  readonly lost: readonly Message[]
}

export interface Burial {
  /** Told to the person who reads the dead letters: one sentence. */
  readonly reason: string
  /** How often this member tried; 1 when left out. */
  readonly attempts?: number
}

/** One member of a consumer group. Its calls are made one after another, from one process. */
export interface Consumer {
  /**
   * Up to `max` messages that come after those already polled, from the partitions this member
   * holds; none when there are none, without waiting. Renews the lease: `poll(0)` does only that.
   */
  poll(max: number): Promise<readonly Message[]>
  /**
   * Tells that these messages need not come again, after what was made of them is durable. In any
   * order and part by part: the offset of the group moves up to the first message still open.
   * Messages of a partition this member has lost meanwhile are reported and change nothing.
   */
  commit(messages: readonly Message[]): Promise<CommitReport>
  /** Moves messages to the dead letters of the group and commits them, both or neither. */
  bury(messages: readonly Message[], burial: Burial): Promise<CommitReport>
  /** Hands the partitions over at once. What was polled and not committed goes to other members. */
  leave(): Promise<void>
}

/** A reader outside of any group: sees each message published after it began, and commits nothing. */
export interface Follower {
  /** Up to `max` messages not seen yet; none when there are none, without waiting. */
  poll(max: number): Promise<readonly Message[]>
}

export interface GroupInfo {
  readonly group: string
  /** Messages not yet committed. */
  readonly lag: number
  /** Members whose lease runs. */
  readonly members: number
  readonly deadLetters: number
}

export interface TopicInfo {
  readonly topic: string
  readonly partitions: number
  /** Messages published and not trimmed. */
  readonly messages: number
  readonly groups: readonly GroupInfo[]
}

/** Messages are trimmed that meet every condition named; at least one must be. */
export interface TrimRule {
  /** Only what every group of the topic has committed; nothing, in a topic without groups. */
  readonly consumed?: boolean
  /** Only what was published longer ago. Without `consumed`, groups that lag lose messages. */
  readonly olderThanMs?: number
}

/**
 * The port to facts between processes: topics of a small fixed number of partitions, read by
 * consumer groups. Delivery is at least once: what was polled and not committed is delivered
 * again, to the same or another member, also after a crash; consumers tolerate repeats by
 * `fact.id`, or by the content address of what they make. A partition has one member of a group at
 * a time, members hold fair shares, and a member that is gone is replaced when its lease ends.
 *
 * Every method may be called from several processes at once and throws `IO_FAILED` or `DISK_FULL`
 * when the bus refuses, `STORE_LOCKED` when another process keeps it, `STORE_DAMAGED` when it
 * cannot be read; a failed call changed nothing.
 */
export interface EventBus {
  /**
   * Appends messages to a topic, all or none, durable as soon as it resolves. A topic exists by
   * being written to or joined. Cheap by the thousand, dear one by one.
   */
  publish(topic: string, messages: readonly NewMessage[]): Promise<void>
  join(options: JoinOptions): Promise<Consumer>
  follow(topic: string): Promise<Follower>
  /** Messages not yet committed by the group; all there are, of a group that never was. */
  lag(at: GroupPosition): Promise<number>
  /** By name. */
  topics(): Promise<readonly TopicInfo[]>
  /** The dead letters of a group, the oldest first, at most `max` (1,000 when left out). */
  deadLetters(at: GroupPosition, max?: number): Promise<readonly DeadLetter[]>
  /**
   * Publishes dead letters again, behind what is there, for this group alone, and takes them off
   * the list, both or neither. Every letter of the group when none are named. Answers how many:
   * letters that are gone already do not count.
   */
  requeue(at: GroupPosition, letters?: readonly DeadLetter[]): Promise<number>
  /** Deletes old messages of a topic; answers how many. Dead letters stay. */
  trim(topic: string, rule: TrimRule): Promise<number>
  /** Removes a group with its offsets and dead letters, so that it holds back no trimming. */
  forget(at: GroupPosition): Promise<void>
  /** Leaves all groups that were joined through this bus and closes it. */
  close(): Promise<void>
}
