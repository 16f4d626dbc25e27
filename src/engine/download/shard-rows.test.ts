import fc from 'fast-check'
import { expect, test } from 'vitest'
import { end, endedRows, rowTableOf } from '../../ingest/rows/rows.fixture.ts'
import type { ListEnd } from '../../ingest/index.ts'
import type { ShardRow } from '../../materialize/index.ts'
import { RowsEnding } from './rows-ending.ts'
import { plannedShards, shardRows } from './shard-rows.ts'

const { signal } = new AbortController()

/** A list with bad rows in these places, and all its good rows. */
function listOf(places: number, badPlaces: readonly number[]) {
  const bad = [...new Set(badPlaces)].filter((place) => place < places)
  const list: ListEnd = {
    id: 'a',
    name: 'urls.csv',
    rows: places - bad.length,
    bad: bad.length,
    badRows: bad.map((position) => ({ position, line: position + 1, reason: 'no URL' })),
  }
  return { list, rows: endedRows('a', places).filter(({ position }) => !bad.includes(position)) }
}

/** Gathers what shards give; `given` grows as rows come. */
function gather(shards: ReturnType<typeof shardRows>) {
  const given: string[] = []
  const done = (async () => {
    for await (const { shard, rows } of shards) {
      for await (const batch of rows) given.push(...batch.map((row) => label(shard, row)))
    }
  })()
  return { given, done }
}

const label = (shard: number, { url, index }: ShardRow): string => `${shard}:${index} ${url}`

const settled = () => new Promise((resolve) => setImmediate(resolve))

const places = 23
const anyOrder = fc.uniqueArray(fc.nat(places - 1), { minLength: places, maxLength: places })

test('in whatever order rows end, shards get each as soon as it and all before it have', async () => {
  const badPlaces = fc.array(fc.nat(places - 1), { maxLength: 6 })
  await fc.assert(
    fc.asyncProperty(anyOrder, badPlaces, fc.nat(places), async (order, bad, ended) => {
      const { list, rows } = listOf(places, bad)
      const { db, rows: table } = rowTableOf()
      const ending = new RowsEnding()
      const planned = plannedShards({ lists: [list], firstShard: 3, rowsPerShard: 5 })
      const { given, done } = gather(shardRows({ table, ending, signal }, planned))
      const byPlace = new Map(rows.map((row) => [row.position, row]))
      for (const place of order.slice(0, ended)) {
        end(db, [byPlace.get(place) ?? []].flat())
        ending.some()
        await settled()
      }
      const late = new Set(order.slice(ended))
      const gap = rows.findIndex(({ position }) => late.has(position))
      const expected = rows.map(
        ({ position, url }) => `${3 + Math.floor(position / 5)}:${position % 5} ${url}`,
      )
      expect(given).toEqual(gap === -1 ? expected : expected.slice(0, gap))
      ending.over()
      await done
      expect(given).toEqual(expected.filter((_, at) => !late.has(rows[at]?.position ?? -1)))
    }),
    { numRuns: 60 },
  )
})

test('a repeat waits for the row whose URL it has', async () => {
  const { list, rows } = listOf(3, [])
  const [first, , third] = rows
  if (first === undefined || third === undefined) throw new Error('three rows')
  const repeat = {
    list: 'a',
    position: 1,
    url: third.url,
    status: 'duplicate' as const,
    attempts: 0,
    duplicateOf: { list: 'a', position: 2 },
  }
  const { db, rows: table } = rowTableOf([first, repeat])
  const ending = new RowsEnding()
  const planned = plannedShards({ lists: [list], firstShard: 0, rowsPerShard: 5 })
  const { given, done } = gather(shardRows({ table, ending, signal }, planned))
  await settled()
  expect(given).toHaveLength(1)
  end(db, [third])
  ending.some()
  await done
  expect(given).toHaveLength(3)
})

test('with more bad rows than are named, no shard waits for rows that will never come', async () => {
  const { list, rows } = listOf(20, [2, 3, 4, 11, 12, 19])
  const named = { ...list, badRows: list.badRows.slice(0, 2) }
  const all = {
    ...named,
    badPlaces: [
      [2, 5],
      [11, 13],
      [19, 20],
    ] as const,
  }
  const { rows: table } = rowTableOf(rows)
  const given = async (known: ListEnd): Promise<number> => {
    const planned = plannedShards({ lists: [known], firstShard: 0, rowsPerShard: 5 })
    const gathered = gather(shardRows({ table, ending: new RowsEnding(), signal }, planned))
    await settled()
    return gathered.given.length
  }
  expect(await given(named)).toBe(2)
  expect(await given(all)).toBe(rows.length)
})

test('who waits for rows stops when the download does', async () => {
  const { list } = listOf(3, [])
  const { rows: table } = rowTableOf()
  const stop = new AbortController()
  const ending = new RowsEnding()
  const planned = plannedShards({ lists: [list], firstShard: 0, rowsPerShard: 5 })
  const { done } = gather(shardRows({ table, ending, signal: stop.signal }, planned))
  await settled()
  stop.abort(new Error('enough'))
  ending.some()
  await expect(done).rejects.toThrow('enough')
})
