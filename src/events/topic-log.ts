import type { Burial, DeadLetter, Message, NewMessage } from './event-bus.ts'

/** A message as adapters keep it. */
export interface StoredMessage extends Message {
  /** Requeued for this group: others pass over it. */
  readonly onlyFor?: string
}

export type NewStored = NewMessage & Pick<StoredMessage, 'attempts' | 'onlyFor'>

/** A dead letter as it is published again. */
export function requeued({ key, fact, attempts }: DeadLetter, onlyFor: string): NewStored {
  return { ...(key === undefined ? {} : { key }), fact, attempts, onlyFor }
}

export interface PartitionBounds {
  /** The last offset deleted; 0 at first. */
  readonly trimmed: number
  /** The last offset given; 0 at first. */
  readonly last: number
}

/** What reading a topic needs of an adapter that lives in this process. */
export interface TopicLog {
  /** Of each partition, by its number. */
  bounds(): readonly PartitionBounds[]
  /**
   * Messages of a partition after an offset, in order: some when there are any, roughly `max`, as
   * they lie together. None when others have trimmed them since the bounds were asked.
   */
  read(partition: number, after: number, max: number): readonly StoredMessage[]
}

export interface Assignment {
  readonly generation: number
  /** Held before this renewal, without a break. */
  readonly kept: readonly number[]
  /** Held from now on, with the offset the group has committed. */
  readonly claimed: ReadonlyMap<number, number>
  /** How many of those kept are to be given up as soon as nothing in them is open. */
  readonly surplus: number
}

export interface Settlement {
  /** The new offset by partition; moving one back is ignored. */
  readonly offsets: ReadonlyMap<number, number>
  readonly buried: readonly Message[]
  readonly burial?: Burial
}

/** What one member of a group needs of such an adapter. Every call is atomic. */
export interface GroupLog extends TopicLog {
  /** Changes when members come and go and when partitions become free. */
  generation(): number
  /** Renews the lease, takes up free partitions up to the fair share, gives up idle ones above it. */
  renew(idle: readonly number[]): Assignment
  /** Writes what concerns partitions this member holds; answers which those are. */
  settle(settlement: Settlement): ReadonlySet<number>
  leave(): void
}
