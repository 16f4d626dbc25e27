import { systemClock, systemRandom, type Clock, type Random } from '../util/index.ts'
import type { Consumer, EventBus, GroupPosition, TopicInfo, TrimRule } from './event-bus.ts'
import { defaultLeaseMs, GroupConsumer } from './group-consumer.ts'
import { MemoryGroup } from './memory-group.ts'
import { byPartition, partitionCount } from './partition.ts'
import { checkTrimRule, groupInUse } from './refusals.ts'
import { topicFollower } from './topic-follower.ts'
import { requeued, type NewStored, type PartitionBounds, type StoredMessage } from './topic-log.ts'

export interface BusOptions {
  readonly clock?: Clock
  readonly random?: Random
}

interface Kept {
  readonly message: StoredMessage
  readonly publishedAt: number
}

/** A topic in memory; offsets are places in `messages`, counted on from what was trimmed. */
class MemoryTopic {
  readonly groups = new Map<string, MemoryGroup>()
  readonly #partitions = Array.from({ length: partitionCount }, () => ({
    trimmed: 0,
    messages: [] as Kept[],
  }))
  #turn = 0

  bounds(): readonly PartitionBounds[] {
    return this.#partitions.map(({ trimmed, messages }) => ({
      trimmed,
      last: trimmed + messages.length,
    }))
  }

  read(partition: number, after: number, max: number): readonly StoredMessage[] {
    const { trimmed = 0, messages = [] } = this.#partitions[partition] ?? {}
    const from = Math.max(0, after - trimmed)
    return messages.slice(from, from + max).map(({ message }) => message)
  }

  append(messages: readonly NewStored[], publishedAt: number): void {
    for (const [partition, list] of byPartition(messages, partitionCount, this.#turn)) {
      const log = this.#partitions[partition]
      for (const message of list) {
        const offset = (log?.trimmed ?? 0) + (log?.messages.length ?? 0) + 1
        log?.messages.push({ message: { ...message, partition, offset }, publishedAt })
      }
    }
    this.#turn = (this.#turn + messages.length) % partitionCount
  }

  trim({ consumed = false, olderThanMs }: TrimRule, now: number): number {
    let count = 0
    for (const [partition, log] of this.#partitions.entries()) {
      const limit = consumed ? this.#consumed(partition) : Infinity
      const before = olderThanMs === undefined ? Infinity : now - olderThanMs
      const stays = log.messages.findIndex(
        ({ message, publishedAt }) => message.offset > limit || publishedAt >= before,
      )
      const gone = stays === -1 ? log.messages.length : stays
      log.messages.splice(0, gone)
      log.trimmed += gone
      count += gone
    }
    return count
  }

  info(topic: string, now: number): TopicInfo {
    const bounds = this.bounds()
    return {
      topic,
      partitions: partitionCount,
      messages: bounds.reduce((sum, { trimmed, last }) => sum + last - trimmed, 0),
      groups: [...this.groups.values()]
        .map((group) => group.info(bounds, now))
        .toSorted((a, b) => (a.group < b.group ? -1 : 1)),
    }
  }

  #consumed(partition: number): number {
    const offsets = [...this.groups.values()].map((group) => group.committed(partition))
    return offsets.length === 0 ? 0 : Math.min(...offsets)
  }
}

/** A bus that lives and dies with the process: for tests and for stores held in memory. */
export function memoryEventBus(options: BusOptions = {}): EventBus {
  const { clock = systemClock, random = systemRandom } = options
  const topics = new Map<string, MemoryTopic>()
  const members = new Set<Consumer>()
  const find = (at: GroupPosition) => topics.get(at.topic)?.groups.get(at.group)
  const make = (name: string): MemoryTopic => {
    const topic = topics.get(name) ?? new MemoryTopic()
    topics.set(name, topic)
    return topic
  }

  return {
    publish: async (topic, messages) => make(topic).append(messages, clock.now()),
    join: async ({ topic: name, group: groupName, from = 'oldest', leaseMs = defaultLeaseMs }) => {
      const topic = make(name)
      const group = topic.groups.get(groupName) ?? new MemoryGroup(groupName, topic.bounds(), from)
      topic.groups.set(groupName, group)
      const member = { id: random.uuidHex(), leaseMs, clock }
      const consumer = new GroupConsumer({
        log: group.logOf(topic, member),
        group: groupName,
        leaseMs,
        clock,
        left: () => void members.delete(consumer),
      })
      members.add(consumer)
      return consumer
    },
    follow: async (topic) => topicFollower(make(topic)),
    lag: async (at) => {
      const bounds = topics.get(at.topic)?.bounds() ?? []
      const group = find(at) ?? new MemoryGroup(at.group, bounds, 'oldest')
      return group.info(bounds, clock.now()).lag
    },
    topics: async () =>
      [...topics]
        .map(([name, topic]) => topic.info(name, clock.now()))
        .toSorted((a, b) => (a.topic < b.topic ? -1 : 1)),
    deadLetters: async (at, max = 1000) => [...(find(at)?.letters.values() ?? [])].slice(0, max),
    requeue: async (at, letters) => {
      const taken = find(at)?.takeLetters(letters) ?? []
      make(at.topic).append(
        taken.map((letter) => requeued(letter, at.group)),
        clock.now(),
      )
      return taken.length
    },
    trim: async (topic, rule) => {
      checkTrimRule(rule)
      return topics.get(topic)?.trim(rule, clock.now()) ?? 0
    },
    forget: async (at) => {
      const live = find(at)?.info([], clock.now()).members ?? 0
      if (live > 0) throw groupInUse(at, live)
      topics.get(at.topic)?.groups.delete(at.group)
    },
    close: async () => {
      for (const consumer of members) await consumer.leave()
    },
  }
}
