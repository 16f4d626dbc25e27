import { tmpdir } from 'node:os'
import fc from 'fast-check'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { comparePaths, digestOf } from '../../model/index.ts'
import { openTestData, type TestData } from '../materialize.fixture.ts'
import { SampleGrouper } from './group-samples.ts'
import { sampleName, type Sample } from './sample.ts'
import { SelectedSamples } from './selected-samples.ts'
import { shuffled } from './shuffle.ts'

let data: TestData
beforeEach(async () => {
  data = await openTestData()
})
afterEach(() => data.close())

async function keysWhere(where: string): Promise<string[]> {
  const parts = { ...data, clock: { now: () => 0 } }
  const selected = await SelectedSamples.open(parts, { commit: 'data@master', where })
  const keys: string[] = []
  for await (const batch of selected.batches()) keys.push(...batch.map(({ key }) => key))
  return keys
}

async function putColumns(rows: Readonly<Record<string, object>>): Promise<void> {
  const files = Object.entries(rows).flatMap(([key, columns]) => [
    [`${key}.json`, JSON.stringify(columns)],
    [`${key}.jpg`, key],
  ])
  await data.put({ ...(Object.fromEntries(files) as Record<string, string>), 'bare.jpg': 'x' })
}

test('a condition over columns chooses samples; a column that is not there is NULL', async () => {
  await putColumns({
    a: { width: 100, caption: "it's", ok: true, score: 0.5 },
    b: { width: 300, caption: null, ok: false, score: 0.25 },
    c: { width: 200, 'odd "name"': 'x', tags: ['t'] },
  })
  expect(await keysWhere('width >= 200')).toEqual(['b', 'c'])
  expect(await keysWhere("caption LIKE 'it%'")).toEqual(['a'])
  expect(await keysWhere('caption IS NULL')).toEqual(['b', 'bare', 'c'])
  expect(await keysWhere('ok AND score > 0.3')).toEqual(['a'])
  expect(await keysWhere('key = \'bare\' OR "odd ""name""" = \'x\'')).toEqual(['bare', 'c'])
  expect(await keysWhere("tags ->> 0 = 't'")).toEqual(['c'])
  expect(await keysWhere('WIDTH < 150 -- small ones')).toEqual(['a'])
  expect(await keysWhere('width IN (SELECT 300)')).toEqual(['b'])
})

test('a fault in a condition is explained', async () => {
  await putColumns({ a: { width: 100 }, b: { caption: 'x' } })
  const fault = (where: string) =>
    keysWhere(where).then(
      () => 'no fault',
      (error: unknown) => `${(error as { code: string }).code} ${(error as Error).message}`,
    )
  expect(await fault('widht > 1')).toMatch(
    /^WHERE_INVALID .*no sample has a column widht\. Did you mean width\?/,
  )
  expect(await fault('"widht" > 1')).toMatch(/Did you mean width/)
  expect(await fault('width >')).toMatch(/^WHERE_INVALID .*syntax error/)
  expect(await fault('count(*) > 1')).toMatch(/^WHERE_INVALID .*one answer for each sample/)
  expect(await fault('1); SELECT (1')).toMatch(/^WHERE_INVALID/)
  expect(await fault('1) AS keep; DROP TABLE x; --')).toMatch(/^WHERE_INVALID/)
  expect(await fault('blurred(width)')).toMatch(/^WHERE_INVALID .*no such function/)
})

test('a JSON that is no object is named', async () => {
  await data.put({ 'a.json': '[1]' })
  await expect(keysWhere('key > 1')).rejects.toMatchObject({ data: { path: 'a.json' } })
})

test('columns may come from elsewhere, by key', async () => {
  await putColumns({ a: {}, b: {} })
  const parts = { ...data, clock: { now: () => 0 } }
  const status = new Map([
    ['a', 'success'],
    ['b', 'failed_to_download'],
  ])
  const selected = await SelectedSamples.open(parts, {
    commit: 'data@master',
    where: "status = 'success'",
    columnsOf: async (keys) => keys.map((key) => ({ status: status.get(key) ?? null })),
  })
  const keys: string[] = []
  for await (const batch of selected.batches()) keys.push(...batch.map(({ key }) => key))
  expect(keys).toEqual(['a'])
})

const part = fc.stringMatching(/^[a-c.\-/é]{1,4}$/)
const path = fc
  .array(part, { minLength: 1, maxLength: 3 })
  .map((parts) =>
    parts
      .join('/')
      .replaceAll(/\/+/g, '/')
      .replaceAll(/^\/|\/$/g, ''),
  )
  .filter((path) => path !== '')

test('files in tree order are grouped by key, each once, whatever folders lie between', () => {
  fc.assert(
    fc.property(fc.uniqueArray(path, { maxLength: 40 }), (paths) => {
      const grouper = new SampleGrouper()
      const samples: Sample[] = []
      for (const path of paths.toSorted(comparePaths)) {
        grouper.add({ path, digest: digestOf(path), size: path.length }, samples)
      }
      grouper.end(samples)
      const expected = new Map<string, string[]>()
      for (const path of paths.toSorted(comparePaths)) {
        const name = sampleName(path)
        if (name === undefined) continue
        expected.set(name.key, [...(expected.get(name.key) ?? []), name.extension])
      }
      const found = samples.map(({ key, files }) => [key, files.map((file) => file.extension)])
      expect(Object.fromEntries(found)).toEqual(Object.fromEntries(expected))
      expect(found).toHaveLength(expected.size)
      const inSamples = samples.reduce((sum, { files }) => sum + files.length, 0)
      expect(grouper.skipped).toBe(paths.length - inSamples)
    }),
    { numRuns: 300 },
  )
})

async function order(count: number, seed: string, expected = count): Promise<string[]> {
  const samples = Array.from({ length: count }, (_, at): Sample => {
    const digest = digestOf(String(at))
    return { key: `k${at}`, files: [{ extension: 'a', digest, size: at }] }
  })
  const batches = (async function* () {
    for (let from = 0; from < count; from += 700) yield samples.slice(from, from + 700)
  })()
  const keys: string[] = []
  const options = { seed, samples: expected, directory: tmpdir() }
  for await (const batch of shuffled(batches, options)) {
    for (const { key, files } of batch) {
      keys.push(key)
      expect(files).toEqual(samples[Number(key.slice(1))]?.files)
    }
  }
  return keys
}

test('a seed gives one order, another seed another, and nothing is lost', async () => {
  const first = await order(2000, 'a')
  expect(await order(2000, 'a')).toEqual(first)
  const second = await order(2000, 'b')
  expect(second).not.toEqual(first)
  expect(second.toSorted()).toEqual(first.toSorted())
  expect(new Set(first).size).toBe(2000)
  const moved = first.filter((key, at) => Math.abs(Number(key.slice(1)) - at) > 100)
  expect(moved.length).toBeGreaterThan(1500)
})

test('the order does not depend on how many buckets it is sorted in', async () => {
  expect(await order(1500, 'seed', 5_000_000)).toEqual(await order(1500, 'seed'))
})
