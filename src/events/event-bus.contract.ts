import fc from 'fast-check'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { systemRandom } from '../util/index.ts'
import type { Consumer, EventBus, Message } from './event-bus.ts'
import { factMaker } from './fact.ts'

const topic = 'ingest.rows/default/images'
const at = { topic, group: 'appender' }
const makeFact = factMaker('/test', { now: () => 0 }, systemRandom)

/** Message `n`; those of equal `n % keys` share a key, none has one when `keys` is left out. */
export function numbered(n: number, keys?: number) {
  const fact = makeFact({ type: 'row.enqueued', data: { n } })
  return keys === undefined ? { fact } : { key: `k${n % keys}`, fact }
}
export const many = (count: number, keys?: number, from = 0) =>
  Array.from({ length: count }, (_, i) => numbered(from + i, keys))
export const numbersOf = (messages: readonly Message[]): readonly number[] =>
  messages.map(({ fact }) => Number(fact.data['n']))
const sorted = (numbers: readonly number[]) => numbers.toSorted((a, b) => a - b)
const range = (count: number, from = 0) => Array.from({ length: count }, (_, i) => from + i)

/** Polls until nothing comes any more. */
export async function drain(consumer: Consumer, size = 1000): Promise<Message[]> {
  const all: Message[] = []
  for (;;) {
    const some = await consumer.poll(size)
    if (some.length === 0) return all
    all.push(...some)
  }
}

/** Polls the consumers in turn until none gets anything, some rounds long; commits if asked to. */
async function drainTogether(consumers: readonly Consumer[], commit = true): Promise<number[][]> {
  const got = consumers.map((): number[] => [])
  for (let quiet = 0; quiet < 4; quiet += 1) {
    for (const [i, consumer] of consumers.entries()) {
      const some = await consumer.poll(100)
      if (commit) await consumer.commit(some)
      got[i]?.push(...numbersOf(some))
      if (some.length > 0) quiet = 0
    }
  }
  return got
}

/** One bus in its world, and what a test needs to do to that world. */
export interface BusRig {
  /** Opens the bus as another process would. Adapters within one process may answer the same bus. */
  connect(): Promise<EventBus>
  /** Lets time pass for the bus: leases end by it, messages grow old. */
  elapse(ms: number): Promise<void>
}

/** What every bus promises; an adapter calls it with a way to begin with an empty bus. */
export function eventBusContract(name: string, begin: () => Promise<BusRig>): void {
  describe(`${name} keeps the promises of an event bus:`, () => {
    let rig: BusRig
    let bus: EventBus
    let other: EventBus
    beforeEach(async () => {
      rig = await begin()
      bus = await rig.connect()
      other = await rig.connect()
    })
    afterEach(async () => {
      await other.close()
      await bus.close()
    })

    describe('publishing and polling', () => {
      test('every message is delivered once, as it was published', async () => {
        const message = {
          key: 'https://example.org/ü "quoted", and so on',
          fact: makeFact({ type: 't', subject: 's', data: { deep: [{ n: null }, 'ü', 1.5] } }),
        }
        await bus.publish(topic, [message, numbered(1)])
        const consumer = await other.join(at)
        const found = await drain(consumer)
        expect(found).toHaveLength(2)
        expect(found.find(({ key }) => key !== undefined)).toEqual({
          ...message,
          partition: expect.any(Number) as number,
          offset: expect.any(Number) as number,
        })
        expect(await consumer.poll(10)).toEqual([])
      })

      test('messages of one key keep their order, whatever the size of a poll', async () => {
        await bus.publish(topic, many(500, 7))
        await bus.publish(topic, many(500, 7, 500))
        await bus.publish(topic, [numbered(1000, 7)])
        const consumer = await bus.join(at)
        const found = await drain(consumer, 33)
        expect(sorted(numbersOf(found))).toEqual(range(1001))
        for (let key = 0; key < 7; key += 1) {
          const numbers = numbersOf(found.filter((message) => message.key === `k${key}`))
          expect(numbers).toEqual(sorted(numbers))
          expect(
            new Set(found.filter((m) => m.key === `k${key}`).map((m) => m.partition)).size,
          ).toBe(1)
        }
      })

      test('keys and messages without a key are spread over the partitions', async () => {
        await bus.publish(topic, many(64))
        const [info] = await bus.topics()
        const partitions = info?.partitions ?? 0
        const unkeyed = await drain(await bus.join(at))
        expect(new Set(unkeyed.map(({ partition }) => partition)).size).toBe(partitions)
        await bus.publish('keyed', many(1600, 1600))
        const keyed = await drain(await bus.join({ topic: 'keyed', group: 'g' }))
        const counts = range(partitions).map(
          (partition) => keyed.filter((message) => message.partition === partition).length,
        )
        expect(Math.min(...counts)).toBeGreaterThan(1600 / partitions / 2)
        expect(Math.max(...counts)).toBeLessThan((1600 / partitions) * 2)
      })

      test('offsets grow within a partition and a poll gives no more than asked for', async () => {
        await bus.publish(topic, many(100, 5))
        const consumer = await bus.join(at)
        const last = new Map<number, number>()
        for (let left = 100; left > 0;) {
          const some = await consumer.poll(7)
          expect(some.length).toBeGreaterThan(0)
          expect(some.length).toBeLessThanOrEqual(7)
          left -= some.length
          for (const { partition, offset } of some) {
            expect(offset).toBeGreaterThan(last.get(partition) ?? 0)
            last.set(partition, offset)
          }
        }
        expect(await consumer.poll(0)).toEqual([])
      })

      test('what is published while a consumer polls comes to it too', async () => {
        const consumer = await bus.join(at)
        expect(await consumer.poll(10)).toEqual([])
        await other.publish(topic, many(3))
        expect(sorted(numbersOf(await drain(consumer)))).toEqual(range(3))
        await other.publish(topic, [])
        expect(await consumer.poll(10)).toEqual([])
      })

      test('groups and topics do not disturb each other', async () => {
        await bus.publish(topic, many(3))
        await bus.publish('another', many(2, 1, 10))
        const first = await bus.join(at)
        await first.commit(await drain(first))
        expect(numbersOf(await drain(await bus.join({ topic, group: 'second' })))).toHaveLength(3)
        const another = await bus.join({ topic: 'another', group: 'appender' })
        expect(numbersOf(await drain(another))).toEqual([10, 11])
      })

      test('a group that begins with the newest sees only what comes later', async () => {
        await bus.publish(topic, many(20))
        const consumer = await bus.join({ ...at, from: 'newest' })
        await bus.publish(topic, many(2, 1, 20))
        expect(numbersOf(await drain(consumer))).toEqual([20, 21])
      })

      test('a follower sees what is published after it began, and shares it with nobody', async () => {
        await bus.publish(topic, many(20))
        const followers = [await bus.follow(topic), await other.follow(topic)]
        await bus.publish(topic, many(5, 1, 20))
        for (const follower of followers) {
          const found = [...(await follower.poll(2)), ...(await follower.poll(10))]
          expect(numbersOf(found)).toEqual(range(5, 20))
          expect(await follower.poll(10)).toEqual([])
        }
        expect((await bus.topics())[0]?.groups).toEqual([])
      })
    })

    describe('committing', () => {
      const rejoin = async (consumer: Consumer) => {
        await consumer.leave()
        return other.join(at)
      }

      test('what was committed does not come again, and the rest does', async () => {
        await bus.publish(topic, many(100, 9))
        const consumer = await bus.join(at)
        const found = await drain(consumer)
        const [done, open] = [found.slice(0, 60), found.slice(60)]
        expect(await consumer.commit(done)).toEqual({ lost: [] })
        const again = await drain(await rejoin(consumer))
        expect(sorted(numbersOf(again))).toEqual(sorted(numbersOf(open)))
      })

      test('messages are committed in any order; none before an open one is skipped', async () => {
        await bus.publish(topic, many(10, 1))
        const consumer = await bus.join(at)
        const found = await drain(consumer)
        await consumer.commit(found.slice(5).toReversed())
        expect(await bus.lag(at)).toBe(10)
        await consumer.commit(found.slice(0, 3))
        expect(await bus.lag(at)).toBe(7)
        await consumer.commit(found.slice(3, 5))
        await consumer.commit(found)
        expect(await bus.lag(at)).toBe(0)
        expect(await drain(await rejoin(consumer))).toEqual([])
      })

      test('a member that goes on polling is not given again what it holds open', async () => {
        await bus.publish(topic, many(10, 1))
        const consumer = await bus.join(at)
        const first = await consumer.poll(4)
        expect(numbersOf(await consumer.poll(100))).toEqual(range(6, 4))
        await consumer.commit(first)
        expect(await consumer.poll(100)).toEqual([])
      })

      test('lag counts what is not committed, also for groups that never were', async () => {
        expect(await bus.lag(at)).toBe(0)
        await bus.publish(topic, many(40, 11))
        expect(await bus.lag({ topic, group: 'nobody' })).toBe(40)
        const consumer = await bus.join(at)
        const found = await consumer.poll(100)
        expect(await other.lag(at)).toBe(40)
        await consumer.commit(found)
        expect(await other.lag(at)).toBe(0)
        await bus.publish(topic, [numbered(1)])
        expect(await other.lag(at)).toBe(1)
      })
    })

    describe('sharing', () => {
      test('members of a group share the messages: each gets a fair part, none gets another’s', async () => {
        const members = [await bus.join(at), await other.join(at), await other.join(at)]
        await bus.publish(topic, many(3000, 1000))
        const got = await drainTogether(members)
        expect(sorted(got.flat())).toEqual(range(3000))
        for (const part of got) expect(part.length).toBeGreaterThan(500)
        expect(await bus.lag(at)).toBe(0)
      })

      test('who joins later gets a part of what is still to do, without work done twice', async () => {
        await bus.publish(topic, many(2000, 500))
        const first = await bus.join(at)
        const begun = await first.poll(500)
        const second = await other.join(at)
        await first.commit(begun)
        const [one = [], two = []] = await drainTogether([first, second])
        expect(sorted([...numbersOf(begun), ...one, ...two])).toEqual(range(2000))
        expect(two.length).toBeGreaterThan(300)
      })

      test('what a member holds open stays with it while others join', async () => {
        await bus.publish(topic, many(100, 100))
        const first = await bus.join(at)
        const open = await drain(first)
        const second = await other.join(at)
        const [, stolen] = await drainTogether([first, second])
        expect(stolen).toEqual([])
        expect(await first.commit(open)).toEqual({ lost: [] })
        await bus.publish(topic, many(1000, 1000))
        const [one = [], two = []] = await drainTogether([first, second])
        expect(one.length).toBeGreaterThan(200)
        expect(two.length).toBeGreaterThan(200)
      })

      test('more members than partitions do no harm', async () => {
        const members: Consumer[] = []
        for (let i = 0; i < 20; i += 1) members.push(await (i % 2 ? bus : other).join(at))
        await bus.publish(topic, many(400, 400))
        expect(sorted((await drainTogether(members)).flat())).toEqual(range(400))
      })

      test('who leaves hands over at once', async () => {
        await bus.publish(topic, many(50, 50))
        const first = await bus.join(at)
        const second = await other.join(at)
        await drain(first)
        await first.leave()
        await first.leave()
        expect(sorted(numbersOf(await drain(second)))).toEqual(range(50))
        const [lost] = numbersOf(
          (await first.commit(many(1).map((m) => ({ ...m, partition: 0, offset: 1 })))).lost,
        )
        expect(lost).toBe(0)
      })

      test('closing the bus leaves its groups', async () => {
        const third = await rig.connect()
        await third.publish(topic, many(10))
        await (await third.join(at)).poll(10)
        await third.close()
        const fourth = await rig.connect()
        expect(await drain(await fourth.join(at))).toHaveLength(10)
      })
    })

    describe('leases', () => {
      const lease = { ...at, leaseMs: 3000 }

      test('a member that is gone is replaced when its lease ends, not before', async () => {
        await bus.publish(topic, many(30, 30))
        const gone = await bus.join(lease)
        const found = await drain(gone)
        await gone.commit(found.slice(0, 10))
        await rig.elapse(1000)
        const next = await other.join(lease)
        expect(await drain(next)).toEqual([])
        await rig.elapse(2500)
        const again = await drain(next)
        expect(sorted(numbersOf(again))).toEqual(sorted(numbersOf(found.slice(10))))
        await next.commit(again)
        expect(await bus.lag(at)).toBe(0)
      })

      test('polls and commits keep the lease', async () => {
        await bus.publish(topic, many(30, 30))
        const busy = await bus.join(lease)
        const next = await other.join(lease)
        const found = await drain(busy)
        for (let i = 0; i < 6; i += 1) {
          await rig.elapse(1500)
          if (i % 2) await busy.poll(0)
          else await busy.commit(found.slice(0, i))
          await next.poll(0)
        }
        expect(await busy.commit(found)).toEqual({ lost: [] })
        expect((await bus.topics())[0]?.groups[0]?.members).toBe(2)
      })

      test('a member that lost its partitions is told so, and spoils nothing', async () => {
        await bus.publish(topic, many(30, 30))
        const paused = await bus.join(lease)
        const found = await drain(paused)
        await rig.elapse(3500)
        const next = await other.join(lease)
        const again = await drain(next)
        expect(again).toHaveLength(30)
        expect(numbersOf((await paused.commit(found)).lost)).toEqual(numbersOf(found))
        expect(await bus.lag(at)).toBe(30)
        expect(numbersOf((await paused.bury(found, { reason: 'late' })).lost)).toHaveLength(30)
        expect(await bus.deadLetters(at)).toEqual([])
        expect(await next.commit(again)).toEqual({ lost: [] })
        expect(await bus.lag(at)).toBe(0)
        await bus.publish(topic, many(1000, 1000))
        const [one = [], two = []] = await drainTogether([paused, next])
        expect(sorted([...one, ...two])).toEqual(range(1000))
        expect(one.length).toBeGreaterThan(200)
      })

      test('a lease that ended counts on while nobody else has come', async () => {
        await bus.publish(topic, many(5))
        const alone = await bus.join(lease)
        const found = await drain(alone)
        await rig.elapse(9000)
        expect(await alone.commit(found)).toEqual({ lost: [] })
        expect(await alone.poll(10)).toEqual([])
        expect(await bus.lag(at)).toBe(0)
      })
    })

    describe('dead letters', () => {
      test('a buried message is done, and kept with reason and attempts', async () => {
        await bus.publish(topic, many(3, 1))
        const consumer = await bus.join(at)
        const found = await drain(consumer)
        expect(await consumer.bury(found.slice(1, 2), { reason: 'no URL', attempts: 3 })).toEqual({
          lost: [],
        })
        await consumer.commit([...found.slice(0, 1), ...found.slice(2)])
        expect(await bus.lag(at)).toBe(0)
        const letters = await other.deadLetters(at)
        expect(letters).toHaveLength(1)
        expect(letters[0]).toMatchObject({ ...found[1], reason: 'no URL', attempts: 3 })
        expect(typeof letters[0]?.buriedAt).toBe('number')
        expect(await bus.deadLetters({ ...at, group: 'another' })).toEqual([])
      })

      test('a requeued letter comes again to its group alone, with its attempts', async () => {
        await bus.publish(topic, many(4, 4))
        const consumer = await bus.join(at)
        const second = await bus.join({ topic, group: 'second' })
        await second.commit(await drain(second))
        await consumer.bury(await drain(consumer), { reason: 'not yet', attempts: 2 })
        const chosen = (await bus.deadLetters(at)).find(({ key }) => key === 'k2')
        expect(await other.requeue(at, chosen === undefined ? [] : [chosen])).toBe(1)
        expect(await other.requeue(at, chosen === undefined ? [] : [chosen])).toBe(0)
        expect(await bus.deadLetters(at)).toHaveLength(3)
        expect(await drain(second)).toEqual([])
        expect(await bus.lag({ topic, group: 'second' })).toBe(0)
        const again = await drain(consumer)
        expect(again.map(({ key, attempts }) => [key, attempts])).toEqual([['k2', 2]])
        expect(again[0]?.fact).toEqual(chosen?.fact)
        await consumer.bury(again, { reason: 'still not' })
        expect((await bus.deadLetters(at)).map(({ attempts }) => attempts)).toEqual([2, 2, 2, 3])
        expect(await bus.requeue(at)).toBe(4)
        expect(await bus.deadLetters(at)).toEqual([])
        expect(await drain(consumer)).toHaveLength(4)
        expect(await bus.requeue({ topic: 'none', group: 'none' })).toBe(0)
      })

      test('a list can be cut short, the oldest first', async () => {
        await bus.publish(topic, many(10, 1))
        const consumer = await bus.join(at)
        for (const message of await drain(consumer)) await consumer.bury([message], { reason: 'x' })
        expect(numbersOf(await bus.deadLetters(at, 3))).toEqual([0, 1, 2])
      })
    })

    describe('trimming', () => {
      test('what every group has consumed goes, and only that', async () => {
        await bus.publish(topic, many(32, 8))
        expect(await bus.trim(topic, { consumed: true })).toBe(0)
        const first = await bus.join(at)
        const second = await bus.join({ topic, group: 'second' })
        await first.commit(await drain(first))
        expect(await bus.trim(topic, { consumed: true })).toBe(0)
        await second.commit(await drain(second))
        await bus.publish(topic, many(16, 8, 32))
        expect(await bus.trim(topic, { consumed: true })).toBe(32)
        expect((await bus.topics())[0]?.messages).toBe(16)
        expect(sorted(numbersOf(await drain(first)))).toEqual(range(16, 32))
        expect(sorted(numbersOf(await drain(await bus.join({ topic, group: 'new' }))))).toEqual(
          range(16, 32),
        )
      })

      test('what is older than an age goes, read or not, and nobody waits for it', async () => {
        await bus.publish(topic, many(3000, 30))
        const slow = await bus.join(at)
        const begun = await slow.poll(60)
        await rig.elapse(10_000)
        await bus.publish(topic, many(30, 30, 3000))
        expect(await other.trim(topic, { olderThanMs: 5000 })).toBe(3000)
        expect(await bus.lag(at)).toBe(30)
        const rest = (await drain(slow)).filter(({ fact }) => Number(fact.data['n']) >= 3000)
        expect(rest).toHaveLength(30)
        await slow.commit([...begun, ...rest])
        expect(await bus.lag({ topic, group: 'new' })).toBe(30)
      })

      test('a member far behind goes on with what is left', async () => {
        for (let i = 0; i < 8; i += 1) await bus.publish(topic, many(1000, 1, i * 1000))
        const slow = await bus.join(at)
        const begun = await slow.poll(10)
        await rig.elapse(10_000)
        expect(await other.trim(topic, { olderThanMs: 5000 })).toBe(8000)
        await bus.publish(topic, many(5, 1, 8000))
        const rest = (await drain(slow, 10)).filter(({ fact }) => Number(fact.data['n']) >= 8000)
        expect(numbersOf(rest)).toEqual(range(5, 8000))
        const late = await drain(await bus.join({ topic, group: 'late' }), 10)
        expect(numbersOf(late)).toEqual(range(5, 8000))
        await slow.commit([...begun, ...rest])
      })

      test('with both conditions only what meets both goes', async () => {
        await bus.publish(topic, many(16))
        const consumer = await bus.join(at)
        await consumer.commit(await drain(consumer))
        expect(await bus.trim(topic, { consumed: true, olderThanMs: 5000 })).toBe(0)
        await rig.elapse(10_000)
        await bus.publish(topic, many(16))
        expect(await bus.trim(topic, { consumed: true, olderThanMs: 5000 })).toBe(16)
        expect(await bus.trim('none', { consumed: true })).toBe(0)
      })

      test('offsets go on after everything was trimmed', async () => {
        await bus.publish(topic, many(4, 1))
        const consumer = await bus.join(at)
        const [first] = await consumer.poll(100)
        await consumer.commit([...(first === undefined ? [] : [first]), ...(await drain(consumer))])
        await rig.elapse(10_000)
        await bus.trim(topic, { olderThanMs: 5000 })
        await bus.publish(topic, [numbered(4, 1)])
        const [later] = await drain(consumer)
        expect(later?.offset).toBeGreaterThan(first?.offset ?? Infinity)
        expect(later?.fact.data['n']).toBe(4)
      })

      test('a group without members can be forgotten and holds nothing back', async () => {
        await bus.publish(topic, many(8))
        const consumer = await bus.join(at)
        await consumer.commit(await drain(consumer))
        const stale = await bus.join({ topic, group: 'stale' })
        await expect(bus.forget({ topic, group: 'stale' })).rejects.toMatchObject({
          code: 'IN_USE',
        })
        await stale.leave()
        await bus.forget({ topic, group: 'stale' })
        await bus.forget({ topic, group: 'never was' })
        expect(await bus.trim(topic, { consumed: true })).toBe(8)
      })
    })

    test('whatever members do, die or wait for, every message is done once or more, none is lost', async () => {
      const action = fc.constantFrom(
        'publish',
        'join',
        'poll',
        'poll',
        'poll',
        'commit',
        'commit',
        'bury',
        'leave',
        'die',
        'elapse',
        'trim',
      )
      const step = fc.record({ action, pick: fc.nat(1000) })
      const plan = fc.array(step, { minLength: 20, maxLength: 60 })
      await fc.assert(
        fc.asyncProperty(plan, async (steps) => {
          const world = await storm(await begin(), steps)
          expect(sorted([...new Set([...world.done, ...world.buried])])).toEqual(range(world.count))
        }),
        { numRuns: 12 },
      )
    })

    test('topics tell their messages and groups', async () => {
      expect(await bus.topics()).toEqual([])
      await bus.publish('b', many(3))
      const consumer = await bus.join({ topic: 'a', group: 'g' })
      await bus.publish('a', many(5))
      const found = await drain(consumer)
      await consumer.bury(found.slice(0, 1), { reason: 'x' })
      await consumer.commit(found.slice(1, 2))
      const infos = await other.topics()
      expect(infos.map(({ topic, messages }) => [topic, messages])).toEqual([
        ['a', 5],
        ['b', 3],
      ])
      expect(infos[0]?.groups).toEqual([{ group: 'g', lag: 3, members: 1, deadLetters: 1 }])
    })
  })
}

interface StormStep {
  readonly action: string
  readonly pick: number
}

/** Plays a plan on a bus, then lets one last member finish; answers what was published and handled. */
async function storm(rig: BusRig, steps: readonly StormStep[]) {
  const bus = await rig.connect()
  const world = { count: 0, done: [] as number[], buried: [] as number[] }
  let members: { readonly consumer: Consumer; open: readonly Message[] }[] = []
  const settle = async (
    member: (typeof members)[number],
    some: readonly Message[],
    bury: boolean,
  ) => {
    const { lost } = bury
      ? await member.consumer.bury(some, { reason: 'x' })
      : await member.consumer.commit(some)
    const kept = numbersOf(some.filter((message) => !lost.includes(message)))
    world[bury ? 'buried' : 'done'].push(...kept)
    member.open = member.open.filter((message) => !some.includes(message))
  }
  for (const { action, pick } of steps) {
    const member = members[pick % Math.max(1, members.length)]
    if (action === 'publish') {
      await bus.publish(topic, many(pick % 300, 1 + (pick % 50), world.count))
      world.count += pick % 300
    } else if (action === 'join') {
      const consumer = await bus.join({ ...at, leaseMs: 3000 })
      members.push({ consumer, open: [] })
    } else if (action === 'elapse') await rig.elapse(pick * 5)
    else if (action === 'trim') await bus.trim(topic, { consumed: true })
    else if (member === undefined) continue
    else if (action === 'poll') {
      member.open = [...member.open, ...(await member.consumer.poll(pick % 100))]
    } else if (action === 'commit' || action === 'bury') {
      const some = member.open.filter((_, i) => (i + pick) % 3 > 0)
      await settle(member, some, action === 'bury')
    } else {
      if (action === 'leave') await member.consumer.leave()
      members = members.filter((other) => other !== member)
    }
  }
  await rig.elapse(10_000)
  const last = { consumer: await bus.join(at), open: [] as readonly Message[] }
  for (
    let some = await last.consumer.poll(70);
    some.length > 0;
    some = await last.consumer.poll(70)
  ) {
    await settle(last, some, false)
  }
  expect(await bus.lag(at)).toBe(0)
  expect(new Set(numbersOf(await bus.deadLetters(at, 100_000)))).toEqual(new Set(world.buried))
  await bus.close()
  return world
}
