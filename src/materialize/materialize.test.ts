import { execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { readdirSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { openTestData, photos, type TestData } from './materialize.fixture.ts'

let data: TestData
beforeEach(async () => {
  data = await openTestData()
})
afterEach(() => data.close())

function digests(folder: string): Record<string, string> {
  const files = readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((name) => !name.startsWith('.varve') && statSync(join(folder, name)).isFile())
    .toSorted()
  return Object.fromEntries(
    files.map((name) => [
      name,
      createHash('sha256')
        .update(readFileSync(join(folder, name)))
        .digest('hex'),
    ]),
  )
}

test('a commit becomes tar shards that GNU tar lists, members of a sample side by side', async () => {
  await data.put(photos(25))
  const report = await data.materializer.materialize({
    commit: 'data@master',
    target: data.folder,
    format: 'webdataset',
    shardSamples: 10,
  })
  expect(report).toMatchObject({ samples: 25, shards: 3, kept: 0, skipped: 0 })
  expect(Object.keys(digests(data.folder))).toEqual(['000000.tar', '000001.tar', '000002.tar'])
  const listed = execFileSync('tar', ['tf', join(data.folder, '000002.tar')], { encoding: 'utf8' })
  const expected = [20, 21, 22, 23, 24].flatMap((at) =>
    ['jpg', 'json', 'txt'].map((extension) => `photos/00${at}.${extension}`),
  )
  expect(listed.trim().split('\n')).toEqual(expected)
})

for (const format of ['manifest', 'webdataset', 'parquet', 'files', 'tfrecord'] as const) {
  test(`${format}: the same bytes twice, and nothing is written the second time over`, async () => {
    await data.put(photos(25))
    const options = { commit: 'data@master', format, shardSamples: 10 } as const
    const first = join(data.folder, 'first')
    await data.materializer.materialize({ ...options, target: first })
    const before = digests(first)
    expect(Object.keys(before).length).toBeGreaterThanOrEqual(3)
    const second = join(data.folder, 'second')
    await data.materializer.materialize({ ...options, target: second })
    expect(digests(second)).toEqual(before)
    const again = await data.materializer.materialize({ ...options, target: first })
    expect(again).toMatchObject({ kept: format === 'manifest' ? 0 : 3, samples: 25 })
    expect(digests(first)).toEqual(before)
  })
}
