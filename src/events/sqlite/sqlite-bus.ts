import { systemClock, systemRandom, type Clock, type Random } from '../../util/index.ts'
import type {
  Consumer,
  DeadLetter,
  EventBus,
  Follower,
  GroupPosition,
  JoinOptions,
  NewMessage,
  TopicInfo,
  TrimRule,
} from '../event-bus.ts'
import { defaultLeaseMs, GroupConsumer } from '../group-consumer.ts'
import type { BusOptions } from '../memory.ts'
import { checkTrimRule, groupInUse } from '../refusals.ts'
import { topicFollower } from '../topic-follower.ts'
import { requeued } from '../topic-log.ts'
import { BusFile } from './bus-file.ts'
import { deadLettersOf, takeLetters } from './dead-letters.ts'
import { append, makeTopic, topicId } from './publish.ts'
import { prepareSchema } from './schema.ts'
import { groupId, makeGroup, SqliteGroup } from './sqlite-group.ts'
import { SqliteTopic } from './sqlite-topic.ts'
import { lagOf, livingMembers, topicInfos } from './topic-infos.ts'
import { trimTopic } from './trim.ts'

/**
 * A bus in one SQLite file, shared by the processes of one machine. It is its own file because it
 * holds what the segments do not: deleting the index must lose no message.
 *
 * @throws FORMAT_TOO_NEW, IO_FAILED, STORE_LOCKED, STORE_DAMAGED
 */
export function sqliteEventBus(path: string, options: BusOptions = {}): EventBus {
  const { clock = systemClock, random = systemRandom } = options
  const file = new BusFile(path)
  try {
    prepareSchema(file, clock.now())
  } catch (error) {
    file.close()
    throw error
  }
  return new SqliteBus(file, clock, random)
}

/** At most 40 MB at a time, so that nobody waits long for the file. */
const pagesGivenBack = 10_000

class SqliteBus implements EventBus {
  readonly #file: BusFile
  readonly #clock: Clock
  readonly #random: Random
  readonly #consumers = new Set<Consumer>()

  constructor(file: BusFile, clock: Clock, random: Random) {
    this.#file = file
    this.#clock = clock
    this.#random = random
  }

  async publish(topic: string, messages: readonly NewMessage[]): Promise<void> {
    this.#file.transaction('durable', () => {
      append(this.#file, makeTopic(this.#file, topic), messages, this.#clock.now())
    })
  }

  async join(options: JoinOptions): Promise<Consumer> {
    const { group: name, leaseMs = defaultLeaseMs } = options
    const [file, clock, id] = [this.#file, this.#clock, this.#random.uuidHex()]
    const [topic, group] = file.transaction('relaxed', () => {
      const topic = makeTopic(file, options.topic)
      return [topic, makeGroup(file, topic, options)] as const
    })
    const consumer: Consumer = new GroupConsumer({
      log: new SqliteGroup(file, { topic, group, id, leaseMs, clock }),
      group: name,
      leaseMs,
      clock,
      left: () => void this.#consumers.delete(consumer),
    })
    this.#consumers.add(consumer)
    return consumer
  }

  async follow(name: string): Promise<Follower> {
    const topic = this.#file.transaction('relaxed', () => makeTopic(this.#file, name))
    return topicFollower(new SqliteTopic(this.#file, topic))
  }

  async lag(at: GroupPosition): Promise<number> {
    const { topic, group } = this.#find(at)
    return lagOf(this.#file, topic, group)
  }

  async topics(): Promise<readonly TopicInfo[]> {
    return topicInfos(this.#file, this.#clock.now())
  }

  async deadLetters(at: GroupPosition, max = 1000): Promise<readonly DeadLetter[]> {
    return deadLettersOf(this.#file, this.#find(at).group, max)
  }

  async requeue(at: GroupPosition, letters?: readonly DeadLetter[]): Promise<number> {
    return this.#file.transaction('durable', () => {
      const { topic, group } = this.#find(at)
      const taken = takeLetters(this.#file, group, letters)
      const messages = taken.map((letter) => requeued(letter, at.group))
      append(this.#file, topic, messages, this.#clock.now())
      return taken.length
    })
  }

  async trim(topic: string, rule: TrimRule): Promise<number> {
    checkTrimRule(rule)
    const count = this.#file.transaction('relaxed', () =>
      trimTopic(this.#file, topicId(this.#file, topic), rule, this.#clock.now()),
    )
    if (count > 0) this.#file.exec(`PRAGMA incremental_vacuum(${pagesGivenBack})`)
    return count
  }

  async forget(at: GroupPosition): Promise<void> {
    this.#file.transaction('relaxed', () => {
      const { group } = this.#find(at)
      const members = livingMembers(this.#file, group, this.#clock.now())
      if (members > 0) throw groupInUse(at, members)
      for (const table of ['member', 'group_partition', 'dead_letter']) {
        this.#file.run(`DELETE FROM ${table} WHERE consumer_group = ?`, group)
      }
      this.#file.run('DELETE FROM consumer_group WHERE id = ?', group)
    })
  }

  async close(): Promise<void> {
    try {
      for (const consumer of this.#consumers) await consumer.leave()
    } finally {
      this.#file.close()
    }
  }

  /** The ids; 0 for what does not exist. */
  #find({ topic: name, group }: GroupPosition): { readonly topic: number; readonly group: number } {
    const topic = topicId(this.#file, name)
    return { topic, group: groupId(this.#file, topic, group) }
  }
}
