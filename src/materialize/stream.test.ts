import { execFileSync } from 'node:child_process'
import { mkdirSync, writeFileSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { openTestData, photos, type TestData } from './materialize.fixture.ts'
import type { StreamedSample, StreamSamplesOptions } from './types.ts'

const count = 60
let data: TestData
beforeAll(async () => {
  data = await openTestData()
  await data.put(photos(count, 50))
})
afterAll(() => data.close())

async function stream(options: Partial<StreamSamplesOptions> = {}): Promise<StreamedSample[]> {
  const samples: StreamedSample[] = []
  const asked = { commit: 'data@master', ...options }
  for await (const sample of data.materializer.streamSamples(asked)) samples.push(sample)
  return samples
}

const keysOf = (samples: readonly StreamedSample[]) => samples.map(({ key }) => key)

test('samples come with their fields, in path order', async () => {
  const samples = await stream()
  const files = photos(count, 50)
  expect(keysOf(samples)).toEqual(
    Array.from({ length: count }, (_, at) => `photos/${String(at).padStart(4, '0')}`),
  )
  for (const { key, fields } of samples) {
    expect(Object.keys(fields)).toEqual(['jpg', 'json', 'txt'])
    expect(Buffer.from(fields['txt'] ?? []).toString()).toBe(files[`${key}.txt`])
    expect(Buffer.from(fields['jpg'] ?? [])).toEqual(files[`${key}.jpg`])
  }
})

test('only the fields asked for are read', async () => {
  const samples = await stream({ fields: ['txt', 'nothing'] })
  expect(samples).toHaveLength(count)
  expect(samples.every(({ fields }) => Object.keys(fields).join() === 'txt')).toBe(true)
})

const seeds = fc.constantFrom(undefined, 'one', 'two')
const withSeed = (seed: string | undefined) => (seed === undefined ? {} : { seed })

test('a stream resumed at any position gives exactly the rest', async () => {
  await fc.assert(
    fc.asyncProperty(seeds, fc.nat({ max: count - 1 }), async (seed, last) => {
      const all = await stream(withSeed(seed))
      const position = all[last]?.position ?? 0
      const rest = await stream({ ...withSeed(seed), position })
      expect(keysOf(rest)).toEqual(keysOf(all.slice(last + 1)))
    }),
    { numRuns: 25 },
  )
})

test('ranks share the samples out: each to exactly one, even by one', async () => {
  await fc.assert(
    fc.asyncProperty(seeds, fc.integer({ min: 1, max: 9 }), async (seed, worldSize) => {
      const ranks = await Promise.all(
        Array.from({ length: worldSize }, (_, rank) =>
          stream({ ...withSeed(seed), rank, worldSize }),
        ),
      )
      const all = await stream(withSeed(seed))
      expect(ranks.flatMap(keysOf).toSorted()).toEqual(keysOf(all).toSorted())
      const sizes = ranks.map(({ length }) => length)
      expect(Math.max(...sizes) - Math.min(...sizes)).toBeLessThanOrEqual(1)
    }),
    { numRuns: 15 },
  )
})

test('ranks resumed together, even with another number of them, give the rest', async () => {
  const worldSize = 3
  const steps = 7
  const seed = 'epoch 1'
  const seen = await Promise.all(
    [0, 1, 2].map(async (rank) => (await stream({ seed, rank, worldSize })).slice(0, steps)),
  )
  const position = Math.max(...seen.flat().map((sample) => sample.position))
  const rest = await Promise.all(
    [0, 1, 2, 3].map((rank) => stream({ seed, rank, worldSize: 4, position })),
  )
  const all = await stream({ seed })
  expect(
    [...seen, ...rest]
      .flat()
      .map(({ key }) => key)
      .toSorted(),
  ).toEqual(keysOf(all).toSorted())
})

test('a place that is none is refused', async () => {
  for (const options of [{ rank: 2, worldSize: 2 }, { worldSize: 0 }, { position: -1 }]) {
    await expect(stream(options)).rejects.toMatchObject({ code: 'USAGE' })
  }
})

test('a commit named by id gives the same stream after the branch has moved', async () => {
  const { repo, id } = data.store.commits.inspect('data@master')
  const before = keysOf(await stream({ seed: 'x' }))
  await data.put({ 'zz.jpg': 'new' })
  expect(keysOf(await stream({ commit: { repo, id }, seed: 'x' }))).toEqual(before)
  const after = keysOf(await stream({ seed: 'x' }))
  expect(after.filter((key) => key !== 'zz')).toEqual(before)
  await data.store.files.delete('data@master', ['zz.jpg'])
})

test('the tar stream is the shard of all samples', async () => {
  const chunks: Uint8Array[] = []
  for await (const chunk of data.materializer.streamTar({ commit: 'data@master', seed: 's' })) {
    chunks.push(chunk)
  }
  const target = data.folder
  await data.materializer.materialize({
    commit: 'data@master',
    target,
    format: 'webdataset',
    seed: 's',
  })
  expect(Buffer.concat(chunks).equals(readFileSync(join(target, '000000.tar')))).toBe(true)
  mkdirSync(join(target, 'out'))
  writeFileSync(join(target, 'out/s.tar'), Buffer.concat(chunks))
  const listed = execFileSync('tar', ['tf', join(target, 'out/s.tar')], { encoding: 'utf8' })
  expect(listed.trim().split('\n')).toHaveLength(3 * count)
})

test('the tar stream of nothing is an archive without members', async () => {
  const chunks: Uint8Array[] = []
  const match = { prefix: 'no', matches: () => false }
  for await (const chunk of data.materializer.streamTar({ commit: 'data@master', match })) {
    chunks.push(chunk)
  }
  expect(Buffer.concat(chunks).equals(Buffer.alloc(1024))).toBe(true)
})
