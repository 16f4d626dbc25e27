import { execFileSync } from 'node:child_process'
import { hash } from 'node:crypto'
import { mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { afterEach, beforeEach, expect, test } from 'vitest'
import {
  imageBytes,
  openHostileServer,
  type HostileServer,
} from '../../src/ingest/fetch/hostile-server.fixture.ts'
import { CliRig } from '../cli/cli.fixture.ts'

let server: HostileServer
let rig: CliRig
beforeEach(async () => {
  server = await openHostileServer()
  rig = new CliRig()
})
afterEach(async () => {
  rig.dispose()
  await server.close()
})

const common = ['--allow', '127.0.0.1', '--output_format', 'webdataset', '--output_folder', 'out']

function list(name: string, urls: readonly string[]): string {
  writeFileSync(join(rig.folder, name), urls.map((url) => `${url}\n`).join(''))
  return name
}

async function download(name: string, more: readonly string[] = []) {
  const words = [
    'download',
    '--url_list',
    name,
    '--number_sample_per_shard',
    '5',
    ...common,
    ...more,
  ]
  return (await rig.json(words)) as { count: number; successes: number; kept: number }
}

function visible(): readonly string[] {
  return readdirSync(join(rig.folder, 'out'))
    .filter((name) => !name.startsWith('.'))
    .sort()
}

const images = (count: number): string[] =>
  Array.from({ length: count }, (_, at) => server.url(`/image/${at}`))

test('a run whose rows failed says why, and how to try them again', async () => {
  const urls = [server.url('/status/404'), server.url('/status/404?b'), server.url('/status/410')]
  const words = ['download', '--url_list', list('gone.txt', urls), '--output_folder', 'out']
  const refused = await rig.must(words)
  expect(refused).toContain('failed to download 3')
  expect(refused).toMatch(/ROWS +ERROR\n +3 +.*127\.0\.0\.1/)
  expect(refused).toContain('--retry_failed')
  const told = await rig.must([...words, '--retry_failed', '--allow', '127.0.0.1'])
  expect(told).toMatch(/ 2 +HTTP Error 404: Not Found\n +1 +HTTP Error 410: Gone\n/)
  expect(await rig.must(words)).not.toContain('ROWS')
})

test('shards, keys and stats are where img2dataset would put them', async () => {
  const urls = [...images(11), server.url('/status/404')]
  expect(await download(list('urls.txt', urls))).toMatchObject({ count: 12, successes: 11 })
  expect(visible()).toEqual(
    ['00000', '00001', '00002'].flatMap((shard) => [
      `${shard}.parquet`,
      `${shard}.tar`,
      `${shard}_stats.json`,
    ]),
  )
  const listed = execFileSync('tar', ['tf', 'out/00002.tar'], { cwd: rig.folder, encoding: 'utf8' })
  expect(listed.split('\n').filter(Boolean)).toEqual(['000020.jpg', '000020.json'])
  const stats = JSON.parse(readFileSync(join(rig.folder, 'out/00002_stats.json'), 'utf8')) as object
  expect(stats).toMatchObject({
    count: 2,
    successes: 1,
    failed_to_download: 1,
    failed_to_resize: 0,
    status_dict: { success: 1, 'HTTP Error 404: Not Found': 1 },
  })
})

test('run again it does nothing and touches nothing', async () => {
  const name = list('urls.txt', images(7))
  await download(name)
  const times = () => visible().map((each) => statSync(join(rig.folder, 'out', each)).mtimeMs)
  const before = times()
  const asked = server.seen.length
  expect(await download(name)).toMatchObject({ count: 0, kept: 2 })
  expect(times()).toEqual(before)
  expect(server.seen.length).toBe(asked)
})

test('a URL that comes twice is fetched once and is a sample twice', async () => {
  const [url = ''] = images(1)
  expect(await download(list('urls.txt', [url, url]))).toMatchObject({ count: 2, successes: 2 })
  expect(server.timesSeen('/image/0')).toBe(1)
})

test('a list from standard input is called what the user called it', async () => {
  const words = ['download', '--url_list', '-', ...common, '--json']
  const { stdout } = await rig.call(words, { input: `${images(1).join()}\n\n` })
  expect(JSON.parse(stdout)).toMatchObject({ successes: 1, lists: [{ name: '-', rows: 1 }] })
})

test('the hash to verify may stand in a column of any name, but no such column can be saved', async () => {
  const hashOf = (number: number) => hash('sha256', imageBytes(number), 'hex')
  const lines = [0, 1].map((number) => `${server.url(`/image/${number}`)},${hashOf(0)}\n`)
  writeFileSync(join(rig.folder, 'hashes.csv'), `url,sha256\n${lines.join('')}`)
  const verify = ['--verify_hash', '["sha256","sha256"]']
  const refused = await rig.call([
    'download',
    'hashes.csv',
    ...common,
    ...verify,
    '--save_additional_columns=["sha256"]',
  ])
  expect(refused.stderr).toContain('LIST_COLUMN_RESERVED')
  expect(await download('hashes.csv', verify)).toMatchObject({ count: 2, successes: 1 })
  const stats = readFileSync(join(rig.folder, 'out/00000_stats.json'), 'utf8')
  expect(JSON.parse(stats)).toMatchObject({ status_dict: { success: 1, 'hash mismatch': 1 } })
})

test('a column that is verified can be saved as well', async () => {
  const sum = hash('sha256', imageBytes(0), 'hex')
  writeFileSync(join(rig.folder, 'sums.csv'), `url,sum\n${server.url('/image/0')},${sum}\n`)
  const saved = ['--save_additional_columns=["sum"]', '--verify_hash=["sum","sha256"]']
  await download('sums.csv', ['--output_format', 'files', ...saved])
  const sample = readFileSync(join(rig.folder, 'out/00000/000000.json'), 'utf8')
  expect(JSON.parse(sample)).toMatchObject({ sum, sha256: sum })
})

test('cells of a csv list are numbers, booleans and nulls where the whole column is', async () => {
  const cells = ['1,0,true,7', ',1.5,False,x', '3,nan,1,', '4,2,0,9']
  const lines = cells.map((line, number) => `${server.url(`/image/${number}`)},${line}\n`)
  writeFileSync(join(rig.folder, 'typed.csv'), `url,whole,part,yes,mixed\n${lines.join('')}`)
  const saved = '--save_additional_columns=["whole","part","yes","mixed"]'
  await download('typed.csv', ['--output_format', 'files', saved])
  const samples = [0, 1, 2].map((number) =>
    readFileSync(join(rig.folder, 'out/00000', `${String(number).padStart(6, '0')}.json`), 'utf8'),
  )
  expect(samples.map((text) => JSON.parse(text) as unknown)).toMatchObject([
    { whole: 1, part: 0, yes: true, mixed: '7' },
    { whole: null, part: 1.5, yes: false, mixed: 'x' },
    { whole: 3, part: null, yes: true, mixed: '' },
  ])
})

test('a host that fails many times in a row is still asked for the rest of the list', async () => {
  const resets = Array.from({ length: 30 }, (_, at) => server.url(`/reset?${at}`))
  const name = list('urls.txt', [...resets, ...images(3)])
  const found = await download(name, ['--thread_count', '2'])
  expect(found).toMatchObject({ count: 33, successes: 3 })
})

test('rows that failed are fetched again when asked, and only their shard is written anew', async () => {
  const name = list('urls.txt', [...images(5), server.url('/flaky/500/1'), ...images(7).slice(5)])
  expect(await download(name)).toMatchObject({ count: 8, successes: 7 })
  const time = (shard: string) => statSync(join(rig.folder, 'out', `${shard}.tar`)).mtimeMs
  const before = [time('00000'), time('00001')]
  expect(await download(name, ['--retry_failed', 'True'])).toMatchObject({ successes: 8 })
  expect(time('00000')).toBe(before[0])
  expect(time('00001')).not.toBe(before[1])
  expect(server.timesSeen('/image/0')).toBe(1)
})

test('a list that has changed is named, and nothing is lost; extend adds it, overwrite starts anew', async () => {
  await download(list('urls.txt', images(3)))
  list('urls.txt', [...images(3), server.url('/image/9')])
  const refused = await rig.call([
    'download',
    '--url_list',
    'urls.txt',
    '--number_sample_per_shard',
    '5',
    ...common,
  ])
  expect(refused.code).not.toBe(0)
  expect(refused.stderr).toContain('DOWNLOAD_CHANGED')
  expect(visible()).toHaveLength(3)

  await download('urls.txt', ['--incremental_mode', 'extend'])
  expect(visible().filter((name) => name.endsWith('.tar'))).toEqual(['00000.tar', '00001.tar'])
  expect(server.timesSeen('/image/0')).toBe(1)

  // Shards of the list that was added are its own, also when one of them is missing.
  rmSync(join(rig.folder, 'out/00001_stats.json'))
  expect(await download('urls.txt')).toMatchObject({ count: 4, successes: 4 })
  expect(visible()).toContain('00001_stats.json')

  const mistyped = [
    'download',
    '--url_list',
    'url.txt',
    '--incremental_mode',
    'overwrite',
    ...common,
  ]
  expect((await rig.call(mistyped)).stderr).toContain('LIST_NOT_FOUND')
  expect(visible()).toContain('00000.tar')

  await download('urls.txt', ['--incremental_mode', 'overwrite'])
  expect(visible().filter((name) => name.endsWith('.tar'))).toEqual(['00000.tar'])
})

test('other options for images are refused in a folder that was begun with these', async () => {
  const name = list('urls.txt', images(2))
  await download(name)
  const refused = await rig.call([
    'download',
    '--url_list',
    name,
    '--number_sample_per_shard',
    '5',
    '--image_size',
    '64',
    ...common,
  ])
  expect(refused.stderr).toContain('DOWNLOAD_CHANGED')
})

test('stopped by Ctrl-C it ends in order, and goes on where it stopped', async () => {
  const slow = Array.from({ length: 30 }, (_, at) => server.url(`/slow/3000?${at}`))
  const name = list('urls.txt', [...images(10), ...slow])
  const words = [
    'download',
    '--url_list',
    name,
    '--number_sample_per_shard',
    '5',
    '--thread_count',
    '4',
    ...common,
  ]
  const child = rig.start(words)
  const ended = new Promise((resolve) => child.on('close', resolve))
  // Four at a time: all the images have ended when four slow ones are on their way.
  while (server.seen.length < 14) await new Promise((resolve) => setTimeout(resolve, 20))
  child.kill('SIGINT')
  expect(await ended).toBe(130)
  expect(await download(name)).toMatchObject({ count: 40, successes: 40 })
  expect(images(10).every((url) => server.timesSeen(new URL(url).pathname) === 1)).toBe(true)
})

test('shards are there while rows of later ones are still fetched', async () => {
  const late = server.url('/slow/60000')
  const name = list('urls.txt', [...images(12), late, ...images(3).map((url) => `${url}?again`)])
  const words = ['download', '--url_list', name, '--number_sample_per_shard', '5', ...common]
  const child = rig.start([...words, '--timeout', '120'])
  const ended = new Promise((resolve) => child.on('close', resolve))
  await expect
    .poll(() => readdirSync(rig.folder).includes('out') && visible(), { timeout: 30_000 })
    .toContain('00001_stats.json')
  expect(visible().filter((file) => file.startsWith('00002'))).toEqual([])
  child.kill('SIGINT')
  expect(await ended).toBe(130)
})

test('a file in the way of a shard ends the download before its rows have', async () => {
  const name = list('urls.txt', [...images(4), server.url('/slow/60000')])
  const words = ['download', '--url_list', name, '--number_sample_per_shard', '2', ...common]
  mkdirSync(join(rig.folder, 'out'))
  writeFileSync(join(rig.folder, 'out/00000.tar'), "somebody's own")
  const refused = await rig.call([...words, '--timeout', '120'])
  expect(refused.stderr).toContain('TARGET_FOREIGN')
  expect(refused.stderr).toContain('choose another --output_folder')
  expect(readFileSync(join(rig.folder, 'out/00000.tar'), 'utf8')).toBe("somebody's own")
})

test('faults of image options are told by the names that were typed, and make no folder', async () => {
  const words = ['download', list('urls.txt', images(1)), ...common]
  const line = '--resize_mode foo --encode_format png --upscale_interpolation BICUBIC'
  const { code, stderr } = await rig.call([...words, ...line.split(' ')])
  expect(code).toBe(2)
  expect(stderr).toContain('--resize_mode must be one of no, keep_ratio')
  expect(stderr).toContain('--encode_quality must be a whole number from 0 to 9, not 95')
  expect(stderr).not.toContain('interpolation')
  expect(readdirSync(rig.folder)).not.toContain('out')
})

test('a distributor that is none is a mistake, though none is used', async () => {
  const words = ['download', list('urls.txt', images(1)), ...common, '--distributor']
  const { code, stderr } = await rig.call([...words, 'threads'])
  expect(code).toBe(2)
  expect(stderr).toContain('--distributor takes one of multiprocessing, pyspark, ray.')
  expect(await rig.must([...words, 'ray'])).toContain('success 1')
})

test("img2dataset's names of packed formats are understood", async () => {
  writeFileSync(join(rig.folder, 'urls.csv.gz'), gzipSync(`url\n${server.url('/image/1')}\n`))
  expect(await download('urls.csv.gz', ['--input_format', 'csv.gz'])).toMatchObject({ count: 1 })
})
