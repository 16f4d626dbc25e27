import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { asyncBufferFromFile, parquetReadObjects } from 'hyparquet'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { digestOf } from '../model/index.ts'
import { digestsBelow, openTestData, photos, type TestData } from './materialize.fixture.ts'
import { tarMembers, tfExamples, webDatasetSamples } from './read-shards.fixture.ts'
import type { MaterializeOptions } from './types.ts'

let data: TestData
beforeEach(async () => {
  data = await openTestData()
})
afterEach(() => data.close())

function materialize(options: Partial<MaterializeOptions> = {}) {
  const fixed = { commit: 'data@master', target: data.folder, format: 'webdataset' } as const
  return data.materializer.materialize({ ...fixed, shardSamples: 10, ...options })
}

const at = (name: string) => join(data.folder, name)

test('GNU tar lists the shards, members of a sample side by side and sorted', async () => {
  await data.put(photos(25))
  const report = await materialize()
  expect(report).toMatchObject({ samples: 25, shards: 3, kept: 0, skipped: 0 })
  expect(Object.keys(digestsBelow(data.folder))).toEqual(['000000.tar', '000001.tar', '000002.tar'])
  const listed = execFileSync('tar', ['tf', at('000002.tar')], { encoding: 'utf8' })
  const expected = [20, 21, 22, 23, 24].flatMap((number) =>
    ['jpg', 'json', 'txt'].map((extension) => `photos/00${number}.${extension}`),
  )
  expect(listed.trim().split('\n')).toEqual(expected)
})

test('a reader of WebDataset finds every sample with the bytes that were put', async () => {
  const files = { ...photos(12), 'a.d/x.jpg': 'x', 'a.aa': '1', 'a.zz.JPG': '2', 'b.c': '3' }
  await data.put(files)
  await materialize()
  const read = [...webDatasetSamples(at('000000.tar')), ...webDatasetSamples(at('000001.tar'))]
  const found = read.flatMap(([key, fields]) =>
    Object.entries(fields).map(([field, digest]) => [`${key}.${field}`, digest] as const),
  )
  const expected = Object.entries(files).map(([path, content]) => {
    return [path.replace('JPG', 'jpg'), digestOf(Buffer.from(content))] as const
  })
  expect(Object.fromEntries(found)).toEqual(Object.fromEntries(expected))
  expect(new Set(read.map(([key]) => key)).size).toBe(read.length)
})

for (const format of ['manifest', 'webdataset', 'parquet', 'files', 'tfrecord'] as const) {
  test(`${format}: the same bytes from a store that holds the items in another order`, async () => {
    const files = photos(25)
    await data.put(files)
    await materialize({ format })
    const before = digestsBelow(data.folder)
    expect(Object.keys(before).length).toBeGreaterThanOrEqual(3)
    const other = await openTestData()
    const turned = Object.entries(files).toReversed()
    for (const half of [turned.slice(30), turned.slice(0, 30)]) {
      await other.put(Object.fromEntries(half))
    }
    await other.materializer.materialize({
      commit: 'data@master',
      target: other.folder,
      format,
      shardSamples: 10,
    })
    const places = format === 'manifest'
    expect(Object.keys(digestsBelow(other.folder))).toEqual(Object.keys(before))
    if (!places) expect(digestsBelow(other.folder)).toEqual(before)
    await other.close()
  })

  test(`${format}: a second run finds everything done`, async () => {
    await data.put(photos(25))
    await materialize({ format })
    const before = digestsBelow(data.folder)
    const again = await materialize({ format })
    // Places may have changed, so a manifest is written anew.
    expect(again).toMatchObject({ kept: format === 'manifest' ? 0 : 3, samples: 25, removed: 0 })
    expect(digestsBelow(data.folder)).toEqual(before)
  })
}

test('after a change only the shards it touches are written, and those left over are removed', async () => {
  await data.put(photos(35))
  await materialize()
  const before = digestsBelow(data.folder)
  await data.put({ 'photos/0012.txt': 'changed' })
  expect(await materialize()).toMatchObject({ shards: 4, kept: 3, removed: 0 })
  const after = digestsBelow(data.folder)
  const changed = Object.keys(after).filter((name) => after[name] !== before[name])
  expect(changed).toEqual(['000001.tar'])
  const paths = Object.keys(photos(35)).slice(20 * 3)
  await data.store.files.delete('data@master', paths)
  expect(await materialize()).toMatchObject({ shards: 2, kept: 2, removed: 2 })
  expect(Object.keys(digestsBelow(data.folder))).toEqual(['000000.tar', '000001.tar'])
})

test('shards are cut by bytes of the tar file, and a larger sample is a shard by itself', async () => {
  await data.put({ ...photos(20), 'photos/0007.jpg': Buffer.alloc(50_000) })
  await materialize({ shardBytes: 20_000, shardName: 'part-%d.tar' })
  const shards = Object.keys(digestsBelow(data.folder))
  const sizes = shards.map((name) => readFileSync(at(name)).length)
  expect(sizes.filter((size) => size > 20_000)).toHaveLength(1)
  expect(shards).toContain('part-0.tar')
  const counts = shards.map((name) => webDatasetSamples(at(name)).length)
  expect(counts.reduce((sum, count) => sum + count)).toBe(20)
})

test('the DALI index points at every payload', async () => {
  const files = { ...photos(5), [`${'long/'.repeat(60)}x.jpg`]: 'deep' }
  await data.put(files)
  await materialize({ sidecars: ['dali'] })
  const [head, ...lines] = readFileSync(at('000000.idx'), 'utf8').trimEnd().split('\n')
  expect(head).toBe('v1.2 6')
  const shard = readFileSync(at('000000.tar'))
  const named = lines.flatMap((line) => line.match(/\S+ \S+ \S+ \S+/g) ?? [])
  const found = named.map((entry) => {
    const [extension, offset, size, name] = entry.split(' ')
    expect(name?.endsWith(`.${extension}`)).toBe(true)
    const start = Number(offset)
    return [name, shard.subarray(start, start + Number(size)).toString()]
  })
  const expected = Object.entries(files).map(([path, content]) => [path, content.toString()])
  expect(Object.fromEntries(found)).toEqual(Object.fromEntries(expected))
  const python = tarMembers(at('000000.tar')).map(({ name, offset }) => `${offset} ${name}`)
  const ours = named.map((entry) => entry.replace(/^\S+ (\S+) \S+ /, '$1 '))
  expect(ours).toEqual(python)
})

test('a name with a blank is refused for a DALI index, and nothing is left behind', async () => {
  await data.put({ 'a b.jpg': 'x' })
  await expect(materialize({ sidecars: ['dali'] })).rejects.toMatchObject({
    code: 'SAMPLE_INVALID',
    data: { path: 'a b.jpg' },
  })
  expect(digestsBelow(data.folder)).toEqual({})
})

test('a name of more than 100 bytes is refused for a wids index, whose readers cut it', async () => {
  const long = `${'ä'.repeat(30)}/${'x'.repeat(40)}`
  await data.put({ [`${long.slice(0, -5)}.jpg`]: 'fits', 'b.jpg': '' })
  await materialize({ sidecars: ['wids'] })
  await data.put({ [`${long}.jpg`]: 'in two parts' })
  await expect(materialize({ sidecars: ['wids'] })).rejects.toMatchObject({
    code: 'SAMPLE_INVALID',
    data: { path: `${long}.jpg` },
  })
  expect(await materialize()).toMatchObject({ samples: 3 })
})

test('the wids index counts samples and knows size and md5 of each shard, kept ones included', async () => {
  await data.put(photos(15))
  await materialize({ sidecars: ['wids'] })
  await data.put({ 'photos/0014.txt': 'changed' })
  expect(await materialize({ sidecars: ['wids'] })).toMatchObject({ kept: 1 })
  const index = JSON.parse(readFileSync(at('wids.json'), 'utf8')) as { shardlist: unknown }
  expect(index).toMatchObject({ __kind__: 'wids-shard-index-v1', wids_version: 1 })
  const md5 = (name: string) =>
    execFileSync('md5sum', [at(name)], { encoding: 'utf8' }).slice(0, 32)
  expect(index.shardlist).toEqual(
    ['000000.tar', '000001.tar'].map((url, number) => ({
      url,
      nsamples: number === 0 ? 10 : 5,
      md5sum: md5(url),
      filesize: readFileSync(at(url)).length,
    })),
  )
})

test('the parquet beside a shard holds the columns of each sample', async () => {
  await data.put(photos(15))
  await materialize({ sidecars: ['parquet'] })
  const file = await asyncBufferFromFile(at('000001.parquet'))
  const rows = await parquetReadObjects({ file })
  expect(rows).toHaveLength(5)
  expect(rows[2]).toEqual({ key: 'photos/0012', width: 12n, caption: null })
})

test('parquet shards hold payloads as bytes and text as text', async () => {
  const files = photos(11)
  await data.put(files)
  await materialize({ format: 'parquet' })
  const file = await asyncBufferFromFile(at('000001.parquet'))
  const [row] = await parquetReadObjects({ file })
  expect(row).toMatchObject({ key: 'photos/0010', width: 10n, caption: 'c10', txt: 'caption 10' })
  const [raw] = await parquetReadObjects({ file, utf8: false, columns: ['jpg'] })
  expect(Buffer.from(raw?.['jpg'] as Uint8Array).equals(files['photos/0010.jpg'] as Buffer)).toBe(
    true,
  )
})

test('columns have one type in all shards, whatever a single shard would suggest', async () => {
  await data.put({
    'a.json': '{"n": 1, "t": "x", "m": 1}',
    'b.json': '{"n": 1.5, "t": null, "m": {"deep": []}}',
  })
  await materialize({ format: 'parquet', shardSamples: 1 })
  const read = async (name: string) =>
    parquetReadObjects({ file: await asyncBufferFromFile(at(name)) })
  expect(await read('000000.parquet')).toEqual([{ key: 'a', n: 1, t: 'x', m: 1 }])
  expect(await read('000001.parquet')).toEqual([{ key: 'b', n: 1.5, t: null, m: { deep: [] } }])
})

test('tfrecord shards hold an example for each sample', async () => {
  await data.put(photos(3, 20))
  await materialize({ format: 'tfrecord' })
  const hex = (text: string | Uint8Array) => Buffer.from(text).toString('hex')
  const expected = photos(3, 20)
  expect(tfExamples(at('000000.tfrecord'))).toEqual(
    ['photos/0000', 'photos/0001', 'photos/0002'].map((key) => ({
      key: hex(key),
      jpg: hex(expected[`${key}.jpg`] ?? ''),
      json: hex(expected[`${key}.json`] ?? ''),
      txt: hex(expected[`${key}.txt`] ?? ''),
    })),
  )
})

test('files: folders of samples, with the bytes that were put', async () => {
  const files = photos(12)
  await data.put(files)
  await materialize({ format: 'files' })
  const found = Object.entries(digestsBelow(data.folder))
  expect(found).toHaveLength(36)
  for (const [name, digest] of found) {
    expect(digestOf(Buffer.from(files[name.replace(/^\d{6}\//, '')] ?? ''))).toBe(digest)
  }
})

test('a manifest says where the bytes of each file lie', async () => {
  const files = photos(12)
  await data.put(files)
  await materialize({ format: 'manifest' })
  const about = JSON.parse(readFileSync(at('manifest-index.json'), 'utf8')) as object
  const commit = data.store.commits.inspect('data@master')
  expect(about).toMatchObject({
    format: 'varve-manifest',
    version: 1,
    commit: commit.id,
    root: commit.files,
    files: [
      { name: 'manifest-000000.jsonl', samples: 10 },
      { name: 'manifest-000001.jsonl', samples: 2 },
    ],
  })
  const lines = readFileSync(at('manifest-000001.jsonl'), 'utf8').trim().split('\n')
  const [line] = lines.map((text) => JSON.parse(text) as { key: string; fields: object })
  const digest = digestOf(files['photos/0010.jpg'] ?? '')
  const [place] = await data.segments.locate([digest])
  expect(line?.key).toBe('photos/0010')
  expect(line?.fields).toMatchObject({ jpg: { digest, size: 1010, ...place } })
})

test('dummy counts and writes nothing', async () => {
  await data.put(photos(12))
  const report = await materialize({ format: 'dummy', target: join(data.folder, 'none') })
  expect(report).toMatchObject({ samples: 12, shards: 2 })
  expect(() => digestsBelow(join(data.folder, 'none'))).toThrow('ENOENT')
})

test('files that no reader would see are counted and named', async () => {
  await data.put({ ...photos(2), README: 'x', '.hidden': 'x', '__meta__/a.json': '{}', 'dot.': '' })
  const report = await materialize()
  expect(report).toMatchObject({ samples: 2, skipped: 4 })
  expect(report.skippedPaths).toEqual(['.hidden', 'README', '__meta__/a.json', 'dot.'])
})

test('fields that readers take for one are refused by name', async () => {
  await data.put({ 'a.JPG': '1', 'a.jpg': '2' })
  await expect(materialize()).rejects.toMatchObject({
    code: 'SAMPLE_INVALID',
    message: expect.stringContaining('"a.JPG" and "a.jpg"') as string,
  })
})

test('only files that match take part', async () => {
  await data.put({ ...photos(5), 'other/x.jpg': 'x' })
  const match = { prefix: 'photos/', matches: (path: string) => path.endsWith('.jpg') }
  expect(await materialize({ match })).toMatchObject({ samples: 5 })
  expect(webDatasetSamples(at('000000.tar')).map(([, fields]) => Object.keys(fields))).toEqual(
    Array.from({ length: 5 }, () => ['jpg']),
  )
})

test('options that make no sense are refused before anything is written', async () => {
  await data.put(photos(2))
  for (const options of [
    { shardSamples: 0 },
    { shardBytes: 1.5 },
    { shardName: 'shard.tar' },
    { shardName: '../%06d.tar' },
    { shardName: '%06d-%06d.tar' },
    { format: 'files', sidecars: ['dali'] },
  ] as const) {
    await expect(materialize(options)).rejects.toMatchObject({ code: 'USAGE' })
  }
  expect(() => digestsBelow(data.folder)).toThrow('ENOENT')
})

test('an open commit is refused, because its files may change', async () => {
  await data.put(photos(2))
  const open = await data.store.commits.start('data@master')
  await expect(materialize()).rejects.toMatchObject({ code: 'COMMIT_OPEN' })
  await data.store.commits.finish(open)
  expect(await materialize()).toMatchObject({ samples: 2 })
})
