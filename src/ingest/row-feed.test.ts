import { expect, test } from 'vitest'
import { factMaker, memoryEventBus } from '../events/index.ts'
import { systemClock, systemRandom } from '../util/index.ts'
import { RowFeed } from './row-feed.ts'
import type { QueuedRow } from './rows/row.ts'
import { endedRows, rowTableOf } from './rows/rows.fixture.ts'

const fact = factMaker('/test', systemClock, systemRandom)

async function feedOf(queued: readonly QueuedRow[]) {
  const { db, rows } = rowTableOf(endedRows('a', 40))
  const bus = memoryEventBus({})
  const topic = 'rows'
  const consumer = await bus.join({ topic, group: 'service' })
  await bus.publish(
    topic,
    queued.map((row) => ({
      key: row.url,
      fact: fact({ type: 'row.enqueued', data: { ...row } }),
    })),
  )
  return { db, feed: new RowFeed(consumer, rows) }
}

test('rows that are wished for anew come with how they ended, two questions for all of them', async () => {
  const again = endedRows('a', 30).map(({ list, position, url }) => ({
    list,
    position,
    url,
    again: 'w1',
  }))
  const { db, feed } = await feedOf(again)
  const { due, spent } = await feed.next(100)
  expect(spent).toEqual([])
  expect(due).toHaveLength(30)
  for (const { row, before } of due) {
    expect(before).toMatchObject({ position: row.position, url: row.url, attempts: 1 })
  }
  expect(db.plans).toHaveLength(2)
})

test('a row that has ended is spent, a URL of another row is a duplicate, a new row is due', async () => {
  const { feed } = await feedOf([
    { list: 'a', position: 1, url: 'http://host/a/1' },
    { list: 'b', position: 0, url: 'http://host/a/1' },
    { list: 'b', position: 1, url: 'http://host/new' },
    { list: 'b', position: 1, url: 'http://host/new' },
  ])
  const { due, spent, duplicates } = await feed.next(100)
  expect(due.map(({ row, before }) => [row.url, before])).toEqual([['http://host/new', undefined]])
  expect(duplicates.map(({ end }) => end.duplicateOf)).toEqual([{ list: 'a', position: 1 }])
  expect(spent).toHaveLength(2)
})
