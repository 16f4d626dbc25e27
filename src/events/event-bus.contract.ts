import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { systemRandom } from '../util/index.ts'
import type { EventBus } from './event-bus.ts'
import { factMaker } from './fact.ts'

const at = { topic: 'jobs', group: 'dashboard' }
const fact = factMaker('/test', { now: () => 0 }, systemRandom)
const message = (n: number) => ({
  key: `k${n % 2}`,
  fact: fact({ type: 'job.created', data: { n } }),
})

/** What every bus promises; an adapter calls it with a way to open an empty bus. */
export function eventBusContract(name: string, open: () => Promise<EventBus>): void {
  describe(`${name} keeps the promises of an event bus`, () => {
    let bus: EventBus
    beforeEach(async () => void (bus = await open()))
    afterEach(() => bus.close())
    const numbers = async (where = at, max = 100) =>
      (await bus.read(where, max)).map((found) => found.fact.data['n'])

    test('messages are read in the order of publishing, with offsets from 1', async () => {
      await bus.publish('jobs', [message(1), message(2)])
      await bus.publish('jobs', [message(3)])
      const read = await bus.read(at, 100)
      expect(read.map((found) => found.offset)).toEqual([1, 2, 3])
      expect(read.map((found) => found.key)).toEqual(['k1', 'k0', 'k1'])
      expect(await numbers()).toEqual([1, 2, 3])
    })

    test('what is not acknowledged is read again, and what is, is not', async () => {
      await bus.publish('jobs', [message(1), message(2), message(3)])
      expect(await numbers(at, 2)).toEqual([1, 2])
      await bus.acknowledge(at, 2)
      expect(await numbers()).toEqual([3])
      await bus.acknowledge(at, 1)
      expect(await numbers()).toEqual([3])
    })

    test('groups and topics do not disturb each other', async () => {
      await bus.publish('jobs', [message(1)])
      await bus.publish('other', [message(2)])
      await bus.acknowledge(at, 1)
      expect(await numbers({ topic: 'jobs', group: 'second' })).toEqual([1])
      expect(await numbers({ topic: 'other', group: 'dashboard' })).toEqual([2])
    })

    test('a group that seeks to the end sees only what comes later', async () => {
      await bus.publish('jobs', [message(1)])
      await bus.seekToEnd(at)
      await bus.publish('jobs', [message(2)])
      expect(await numbers()).toEqual([2])
    })

    test('a buried message keeps its reason', async () => {
      await bus.publish('jobs', [message(1)])
      const [first] = await bus.read(at, 1)
      if (first === undefined) throw new Error('nothing was read')
      await bus.bury(at, first, 'not JSON')
      expect(await bus.deadLetters(at)).toEqual([{ ...first, reason: 'not JSON' }])
    })

    test('an empty topic reads as nothing', async () => {
      expect(await numbers()).toEqual([])
    })
  })
}
