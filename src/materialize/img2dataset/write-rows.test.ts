import { execFileSync } from 'node:child_process'
import {
  appendFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { asyncBufferFromFile, parquetMetadataAsync, parquetReadObjects } from 'hyparquet'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { inBatches } from '../../util/index.ts'
import { openTestData, type TestData } from '../materialize.fixture.ts'
import { tfExamples } from '../read-shards.fixture.ts'
import { finishedShards } from './finished-shards.ts'
import { Numbering } from './numbering.ts'
import type { RowsOptions, ShardRow } from './types.ts'

/** A row, and the shard it belongs to. */
type PlacedRow = ShardRow & { readonly shard: number }

let data: TestData
beforeEach(async () => {
  data = await openTestData()
})
afterEach(() => data.close())

/** Rows of `shards` shards of five; the third of each fails to download, the fourth to resize. */
async function rowsOf(shards: number): Promise<PlacedRow[]> {
  const rows: PlacedRow[] = []
  for (let at = 0; at < shards * 5; at++) {
    const bytes = Buffer.from(`image ${at}`)
    const edits = await data.store.content.addOutputs('data', [{ path: `${at}.jpg`, bytes }])
    const file = edits[0]?.file
    const failed: Record<number, ShardRow['status']> = {
      2: 'failed_to_download',
      3: 'failed_to_resize',
    }
    const status: ShardRow['status'] = failed[at % 5] ?? 'success'
    const ok = status === 'success'
    rows.push({
      shard: Math.floor(at / 5),
      index: at % 5,
      status,
      error: ok ? null : at % 5 === 2 ? 'HTTP Error 404: Not Found' : 'image too small',
      url: `http://example.com/${at}.jpg`,
      caption: at % 5 === 1 ? null : `Käse ${at}`,
      columns: { score: at / 2, id: at, tags: [at, 1] },
      width: ok ? 64 : null,
      height: ok ? 48 : null,
      originalWidth: ok ? 640 : null,
      originalHeight: ok ? 480 : null,
      exif: ok ? '{}' : null,
      hash: ok ? 'ab'.repeat(32) : null,
      ...(ok && file !== undefined
        ? { media: { digest: file.digest, size: file.size, extension: 'jpg' } }
        : {}),
    })
  }
  return rows
}

/** Two rows at a time. */
async function* shardsOf(rows: readonly PlacedRow[]): RowsOptions['shards'] {
  for (let from = 0; from < rows.length;) {
    const shard = rows[from]?.shard ?? 0
    const end = rows.findIndex((row, at) => at > from && row.shard !== shard)
    const own = rows.slice(from, end === -1 ? rows.length : end)
    yield { shard, rows: inRuns(own, 2) }
    from += own.length
  }
}

async function* inRuns<T>(values: readonly T[], length: number): AsyncGenerator<readonly T[]> {
  yield* inBatches(values, length)
}

function optionsFor(rows: readonly PlacedRow[], more: Partial<RowsOptions> = {}): RowsOptions {
  return {
    target: data.folder,
    outputFormat: 'webdataset',
    numberSamplePerShard: 1000,
    oomShardCount: 5,
    encodeFormat: 'jpg',
    columns: { additional: ['score', 'id', 'tags'], caption: true, exif: true, hash: 'sha256' },
    incrementalMode: 'incremental',
    shards: shardsOf(rows),
    times: () => ({ start: 1_700_000_000_000, end: 1_700_000_002_500 }),
    ...more,
  }
}

const names = () =>
  readdirSync(data.folder)
    .filter((name) => !name.startsWith('.'))
    .toSorted()

async function table(name: string) {
  const file = await asyncBufferFromFile(join(data.folder, name))
  return { rows: await parquetReadObjects({ file }), metadata: await parquetMetadataAsync(file) }
}

test('keys have the digits of img2dataset', () => {
  expect(new Numbering(5, 1000).key(12, 7)).toBe('00012007')
  expect(new Numbering(5, 10_000).key(12, 7)).toBe('000120007')
  expect(new Numbering(5, 10_001).key(12, 7)).toBe('0001200007')
  expect(new Numbering(5, 1).key(12, 0)).toBe('00012')
  expect(new Numbering(2, 10).key(123, 4)).toBe('1234')
})

test('webdataset: a tar of successes, a table of all rows and the stats, named as img2dataset does', async () => {
  const report = await data.materializer.materializeRows(optionsFor(await rowsOf(2)))
  expect(report).toEqual({
    shards: 2,
    kept: 0,
    count: 10,
    successes: 6,
    failedToDownload: 2,
    failedToResize: 2,
  })
  expect(names()).toEqual([
    '00000.parquet',
    '00000.tar',
    '00000_stats.json',
    '00001.parquet',
    '00001.tar',
    '00001_stats.json',
  ])
  const tar = join(data.folder, '00001.tar')
  const members = execFileSync('tar', ['tf', tar], { encoding: 'utf8' }).trim().split('\n')
  expect(members).toEqual(
    ['00001000', '00001001', '00001004'].flatMap((key) =>
      ['jpg', 'json', 'txt'].map((extension) => `${key}.${extension}`),
    ),
  )
  const json = execFileSync('tar', ['xOf', tar, '00001000.json'], { encoding: 'utf8' })
  expect(json).toBe(`{
    "score": 2.5,
    "id": 5,
    "tags": [
        5,
        1
    ],
    "caption": "K\\u00e4se 5",
    "url": "http://example.com/5.jpg",
    "key": "00001000",
    "status": "success",
    "error_message": null,
    "width": 64,
    "height": 48,
    "original_width": 640,
    "original_height": 480,
    "exif": "{}",
    "sha256": "${'ab'.repeat(32)}"
}`)
  expect(execFileSync('tar', ['xOf', tar, '00001001.txt'], { encoding: 'utf8' })).toBe('')
  expect(JSON.parse(readFileSync(join(data.folder, '00001_stats.json'), 'utf8'))).toEqual({
    count: 5,
    successes: 3,
    failed_to_download: 1,
    failed_to_resize: 1,
    duration: 2.5,
    start_time: 1_700_000_000,
    end_time: 1_700_000_002.5,
    status_dict: { success: 3, 'HTTP Error 404: Not Found': 1, 'image too small': 1 },
  })
})

test('the table holds every row, columns in the order and of the types of img2dataset', async () => {
  await data.materializer.materializeRows(optionsFor(await rowsOf(1)))
  const { rows, metadata } = await table('00000.parquet')
  expect(metadata.schema.slice(1).map(({ name, type }) => `${name} ${type}`)).toEqual([
    'score DOUBLE',
    'id INT64',
    'tags BYTE_ARRAY',
    'caption BYTE_ARRAY',
    'url BYTE_ARRAY',
    'key BYTE_ARRAY',
    'status BYTE_ARRAY',
    'error_message BYTE_ARRAY',
    'width INT32',
    'height INT32',
    'original_width INT32',
    'original_height INT32',
    'exif BYTE_ARRAY',
    'sha256 BYTE_ARRAY',
  ])
  expect(rows.map(({ status }) => status)).toEqual([
    'success',
    'success',
    'failed_to_download',
    'failed_to_resize',
    'success',
  ])
  expect(rows[2]).toMatchObject({
    error_message: 'HTTP Error 404: Not Found',
    key: '00000002',
    width: null,
    tags: [2, 1],
  })
})

test('parquet: media in a last column named after the format, null for failures', async () => {
  await data.materializer.materializeRows(optionsFor(await rowsOf(1), { outputFormat: 'parquet' }))
  expect(names()).toEqual(['00000.parquet', '00000_stats.json'])
  const { rows, metadata } = await table('00000.parquet')
  expect(metadata.schema.at(-1)?.name).toBe('jpg')
  const file = await asyncBufferFromFile(join(data.folder, '00000.parquet'))
  const raw = await parquetReadObjects({ file, utf8: false, columns: ['jpg'] })
  expect(raw.map(({ jpg }) => jpg && Buffer.from(jpg as Uint8Array).toString())).toEqual([
    'image 0',
    'image 1',
    null,
    null,
    'image 4',
  ])
  expect(rows).toHaveLength(5)
})

test('files: a folder for each shard; tfrecord and dummy have their files', async () => {
  const rows = await rowsOf(1)
  await data.materializer.materializeRows(optionsFor(rows, { outputFormat: 'files' }))
  expect(names()).toEqual(['00000', '00000.parquet', '00000_stats.json'])
  expect(readdirSync(join(data.folder, '00000'))).toHaveLength(9)
  expect(readFileSync(join(data.folder, '00000/00000004.jpg'), 'utf8')).toBe('image 4')
  const other = { outputFormat: 'tfrecord', target: join(data.folder, 'tf') } as const
  await data.materializer.materializeRows(optionsFor(rows, other))
  expect(readdirSync(other.target).filter((name) => !name.startsWith('.'))).toEqual([
    '00000.parquet',
    '00000.tfrecord',
    '00000_stats.json',
  ])
  const dummy = { outputFormat: 'dummy', target: join(data.folder, 'dummy') } as const
  await data.materializer.materializeRows(optionsFor(rows, dummy))
  expect(readdirSync(dummy.target).filter((name) => !name.startsWith('.'))).toEqual([
    '00000_stats.json',
  ])
})

test('tfrecord: a column known to hold fractions is float in every record, and lists are lists', async () => {
  const rows = await rowsOf(1)
  const options = optionsFor(rows, { outputFormat: 'tfrecord' })
  const columns = { ...options.columns, types: { score: 'DOUBLE' } as const }
  await data.materializer.materializeRows({ ...options, columns })
  const path = join(data.folder, '00000.tfrecord')
  expect(tfExamples(path)[0]).toMatchObject({ id: 0, tags: [0, 1], score: 0 })
  // Feature 2 of `score` is a float list of four zero bytes, not an int list.
  expect(readFileSync(path).includes(Buffer.from('score\x12\x08\x12\x06\x0a\x04\0\0\0\0'))).toBe(
    true,
  )
})

test('a hash that was verified stands before the URL in the table, as the one of the list did', async () => {
  const options = optionsFor(await rowsOf(1))
  const columns = { ...options.columns, verified: true }
  await data.materializer.materializeRows({ ...options, columns })
  const file = await asyncBufferFromFile(join(data.folder, '00000.parquet'))
  const { schema } = await parquetMetadataAsync(file)
  const found = schema.map(({ name }) => name)
  expect(found.indexOf('sha256')).toBe(found.indexOf('url') - 1)
})

test('incremental leaves finished shards alone and redoes one whose files are not whole', async () => {
  const rows = await rowsOf(3)
  await data.materializer.materializeRows(optionsFor(rows))
  expect([...(await finishedShards(data.folder))]).toEqual([0, 1, 2])
  const before = readFileSync(join(data.folder, '00001.tar'))
  truncateSync(join(data.folder, '00001.tar'), 100)
  rmSync(join(data.folder, '00002_stats.json'))
  expect([...(await finishedShards(data.folder))]).toEqual([0])
  const again = await data.materializer.materializeRows(optionsFor(rows))
  expect(again).toMatchObject({ shards: 3, kept: 1, count: 15 })
  expect(readFileSync(join(data.folder, '00001.tar'))).toEqual(before)
})

test('a finished shard whose rows have changed is written again only when asked', async () => {
  const rows = await rowsOf(2)
  await data.materializer.materializeRows(optionsFor(rows))
  const changed = rows.map((row) =>
    row.shard === 1 && row.index === 2 ? { ...row, error: 'timed out' } : row,
  )
  const stays = await data.materializer.materializeRows(optionsFor(changed))
  expect(stays.kept).toBe(2)
  const asked = await data.materializer.materializeRows(
    optionsFor(changed, { rewriteChanged: true }),
  )
  expect(asked.kept).toBe(1)
  expect((await table('00001.parquet')).rows[2]).toMatchObject({ error_message: 'timed out' })
})

test('a shard that was being replaced when the run was killed is not taken for finished', async () => {
  const rows = await rowsOf(2)
  await data.materializer.materializeRows(optionsFor(rows))
  const journal = join(data.folder, '.varve-materialize/img2dataset.jsonl')
  appendFileSync(journal, '{"begin":["00001.tar","00001.parquet","00001_stats.json"],"of":"1"}\n')
  expect([...(await finishedShards(data.folder))]).toEqual([0])
  expect(await data.materializer.materializeRows(optionsFor(rows))).toMatchObject({ kept: 1 })
})

test('a tar of many reads holds each image as it was stored', async () => {
  const images = Array.from({ length: 24 }, (_, at) => Buffer.alloc(900_000 + at, at + 1))
  const outputs = images.map((bytes, at) => ({ path: `${at}.jpg`, bytes }))
  const edits = await data.store.content.addOutputs('data', outputs)
  const [pattern] = await rowsOf(1)
  const rows = edits.flatMap(({ file }, index) =>
    file === undefined || pattern === undefined
      ? []
      : [{ ...pattern, index, media: { digest: file.digest, size: file.size, extension: 'jpg' } }],
  )
  await data.materializer.materializeRows(optionsFor(rows))
  const tar = join(data.folder, '00000.tar')
  const keys = images.map((_, at) => new Numbering(5, 1000).key(0, at))
  const written = keys.map((key) =>
    execFileSync('tar', ['-xOf', tar, `${key}.jpg`], { maxBuffer: 2_000_000 }),
  )
  expect(written.map((bytes, at) => bytes.equals(images[at] ?? Buffer.alloc(0)))).toEqual(
    images.map(() => true),
  )
})

test('rows numbered after the shards there make shards of those numbers, keys included', async () => {
  const rows = await rowsOf(2)
  await data.materializer.materializeRows(optionsFor(rows))
  const added = rows.map((row) => ({ ...row, shard: row.shard + 2 }))
  const more = await data.materializer.materializeRows(optionsFor(added))
  expect(more).toMatchObject({ shards: 2, kept: 0 })
  expect(names().filter((name) => name.endsWith('.tar'))).toEqual([
    '00000.tar',
    '00001.tar',
    '00002.tar',
    '00003.tar',
  ])
  const tar = join(data.folder, '00003.tar')
  expect(execFileSync('tar', ['tf', tar], { encoding: 'utf8' })).toMatch(/^00003000\.jpg\n/)
})

test('overwrite makes everything anew and removes our shards that have no rows any more', async () => {
  const rows = await rowsOf(3)
  await data.materializer.materializeRows(optionsFor(rows))
  const fewer = rows.filter(({ shard }) => shard < 2)
  const report = await data.materializer.materializeRows(
    optionsFor(fewer, { incrementalMode: 'overwrite' }),
  )
  expect(report.kept).toBe(0)
  expect(names().some((name) => name.startsWith('00002'))).toBe(false)
})

test('shards img2dataset finished are kept, a file it left half done is refused by name', async () => {
  const rows = await rowsOf(2)
  mkdirSync(data.folder, { recursive: true })
  writeFileSync(join(data.folder, '00000_stats.json'), '{}')
  writeFileSync(join(data.folder, '00000.tar'), 'whole, we trust')
  writeFileSync(join(data.folder, '00001.tar'), 'half')
  writeFileSync(join(data.folder, 'notes.json'), '{}')
  await expect(data.materializer.materializeRows(optionsFor(rows))).rejects.toMatchObject({
    code: 'TARGET_FOREIGN',
    data: { path: join(data.folder, '00001.tar') },
  })
  expect(readFileSync(join(data.folder, '00000.tar'), 'utf8')).toBe('whole, we trust')
  await data.materializer.materializeRows(optionsFor(rows, { incrementalMode: 'overwrite' }))
  expect(existsSync(join(data.folder, 'notes.json'))).toBe(true)
  expect(readFileSync(join(data.folder, '00001.tar')).length).toBeGreaterThan(1000)
})

test('nothing of ours lies at the root but what img2dataset would put there', async () => {
  await data.materializer.materializeRows(optionsFor(await rowsOf(1)))
  const jsons = names().filter((name) => name.endsWith('.json'))
  expect(jsons.map((name) => Number.parseInt(name, 10))).toEqual([0])
})

test('rows and shards out of order are refused', async () => {
  const rows = await rowsOf(2)
  for (const wrong of [rows.toReversed(), [...rows.slice(5), ...rows.slice(0, 5)]]) {
    await expect(data.materializer.materializeRows(optionsFor(wrong))).rejects.toMatchObject({
      code: 'USAGE',
    })
  }
})

test('samples are written as their rows come; nothing appears before the last of them has', async () => {
  const rows = await rowsOf(1)
  const tar = join(data.folder, '.varve-materialize', 'tmp', '00000.tar')
  let early = 0
  async function* slowly(): AsyncGenerator<readonly ShardRow[]> {
    yield rows.slice(0, 2)
    await expect.poll(() => statSync(tar).size).toBeGreaterThan(0)
    early = statSync(tar).size
    expect(names()).toEqual([])
    yield rows.slice(2)
  }
  const shards = (async function* () {
    yield { shard: 0, rows: slowly() }
  })()
  await data.materializer.materializeRows(optionsFor(rows, { shards }))
  expect(names()).toEqual(['00000.parquet', '00000.tar', '00000_stats.json'])
  const written = readFileSync(join(data.folder, '00000.tar'))
  expect(early).toBeLessThan(written.length - 2 * 512)
  expect(written.toString('latin1', 0, early)).toContain('image 1')
})

test.each(['webdataset', 'files', 'tfrecord', 'parquet'] as const)(
  'how many rows come together has no influence on %s',
  async (outputFormat) => {
    const rows = await rowsOf(1)
    const made: Record<string, string>[] = []
    for (const together of [1, 2, 5]) {
      const target = join(data.folder, `by-${together}`)
      const shards = (async function* () {
        yield { shard: 0, rows: inRuns(rows, together) }
      })()
      await data.materializer.materializeRows(optionsFor(rows, { target, outputFormat, shards }))
      made.push(bytesBelow(target))
    }
    expect(made[1]).toEqual(made[0])
    expect(made[2]).toEqual(made[0])
  },
)

function bytesBelow(folder: string): Record<string, string> {
  const found = readdirSync(folder, { recursive: true, withFileTypes: true })
  const files = found.filter((each) => each.isFile() && !each.parentPath.includes('.varve-'))
  return Object.fromEntries(
    files.map((file) => [file.name, readFileSync(join(file.parentPath, file.name), 'base64')]),
  )
}
