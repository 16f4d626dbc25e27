import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import {
  openHostileServer,
  type HostileServer,
} from '../../src/ingest/fetch/hostile-server.fixture.ts'
import { CliRig, copyPipeline } from '../cli/cli.fixture.ts'

let server: HostileServer
let rig: CliRig
beforeEach(async () => {
  server = await openHostileServer()
  rig = new CliRig()
  await rig.must(['init'])
  await rig.must(['create', 'repo', 'images'])
  const urls = Array.from({ length: 4 }, (_, at) => `${server.url(`/image/${at}`)}\n`)
  writeFileSync(join(rig.folder, 'urls.txt'), urls.join(''))
})
afterEach(async () => {
  rig.dispose()
  await server.close()
})

const fetching = ['service', '--repo', 'images', '--once', '--allow', '127.0.0.1']

test('a list enqueued twice before a service ran is on the queue once, and status tells of it', async () => {
  await rig.must(['enqueue', 'urls.txt', '--repo', 'images'])
  expect(await rig.must(['enqueue', 'urls.txt', '--repo', 'images'])).toContain('before')
  const { ingest } = (await rig.json(['status'])) as { ingest: readonly unknown[] }
  expect(ingest).toMatchObject([{ repo: 'default/images', rows: 0, waiting: 4 }])
  expect(await rig.must(fetching)).toContain('4 rows')
})

test('enqueue takes the format and the columns as download names them', async () => {
  writeFileSync(join(rig.folder, 'list'), `url,title,mood\n${server.url('/image/1')},One,glad\n`)
  const theirs = ['--input_format', 'csv', '--save_additional_columns', '["title","mood"]']
  await rig.must(['enqueue', 'list', '--repo', 'images', ...theirs])
  await rig.must(fetching)
  const [item] = (await rig.json(['list', 'items', '--repo', 'images'])) as readonly unknown[]
  expect(item).toMatchObject({ columns: { title: 'One', mood: 'glad' } })
})

test('regions to blur are refused where nothing would be blurred', async () => {
  const { code, stderr } = await rig.call([...fetching, '--bbox_col', 'faces'])
  expect(code).toBe(2)
  expect(stderr).toContain('--media image')
})

test('rows that make no sense are told by line, not by all their places', async () => {
  const rows = `{"url":\n{"url":"${server.url('/image/1')}"}\n`
  writeFileSync(join(rig.folder, 'odd.jsonl'), rows)
  const [list] = (await rig.json(['enqueue', 'odd.jsonl', '--repo', 'images'])) as [object]
  expect(list).toMatchObject({ rows: 1, bad: 1, badRows: [{ line: 1 }] })
  expect(list).not.toHaveProperty('badPlaces')
})

test('a repo with the longest name of any script is served', async () => {
  const longest = '雪'.repeat(128)
  await rig.must(['create', 'repo', longest])
  await rig.must(['enqueue', 'urls.txt', '--repo', longest])
  const serve = ['service', '--repo', longest, '--once', '--allow', '127.0.0.1']
  expect(await rig.must(serve)).toContain('success 4')
})

test('what may pass is tried again by the service unless told otherwise', async () => {
  writeFileSync(join(rig.folder, 'shaky.txt'), `${server.url('/flaky/503/1/a')}\n`)
  await rig.must(['enqueue', 'shaky.txt', '--repo', 'images'])
  expect(await rig.must(fetching)).toContain('success 1')
})

test('with --run the pipelines downstream have run when the service ends', async () => {
  writeFileSync(join(rig.folder, 'copy.yaml'), copyPipeline('copies', 'images'))
  await rig.must(['create', 'pipeline', '-f', 'copy.yaml'])
  await rig.must(['enqueue', 'urls.txt', '--repo', 'images'])
  expect(await rig.must([...fetching, '--run'])).toContain('success 4')
  const files = (await rig.json(['glob', 'file', 'copies@master:/**.json'])) as readonly unknown[]
  expect(files).toHaveLength(4)
})

test('a pipeline of image facts enriches what the service fetches', async () => {
  const pipeline = `
pipeline: { name: facts }
input: { pfs: { repo: images, glob: '/*/*.{jpg,png,webp}' } }
transform: { operator: image-facts, params: { thumbnail: 4 } }
`
  writeFileSync(join(rig.folder, 'facts.yaml'), pipeline)
  await rig.must(['create', 'pipeline', '-f', 'facts.yaml'])
  await rig.must(['enqueue', 'urls.txt', '--repo', 'images'])
  await rig.must([...fetching, '--run'])
  const files = (await rig.json(['glob', 'file', 'facts@master:/**'])) as { path: string }[]
  const names = files
    .map(({ path }) => path.split('/').at(-1))
    .filter((name) => name?.includes('.'))
  expect(names.filter((name) => name?.endsWith('.thumb.jpg'))).toHaveLength(4)
  expect(names.filter((name) => name?.endsWith('.json'))).toHaveLength(4)
})

test('a list can be enqueued while a service runs; it is fetched, and Ctrl-C ends in order', async () => {
  const service = rig.start([
    'service',
    '--repo',
    'images',
    '--allow',
    '127.0.0.1',
    '--commit-seconds',
    '1',
  ])
  const ended = new Promise((resolve) => service.on('close', resolve))
  await rig.must(['enqueue', 'urls.txt', '--repo', 'images'])
  while (((await rig.json(['list', 'items', '--repo', 'images'])) as unknown[]).length < 4);
  service.kill('SIGINT')
  expect(await ended).toBe(0)
  const status = (await rig.json(['status'])) as { ingest: readonly object[] }
  expect(status.ingest).toMatchObject([{ rows: 4, waiting: 0, statuses: { success: 4 } }])
})

test('options of shards, of media and of hashes that cannot be are refused, all at once', async () => {
  const wrong = ['--output_format', 'webdataset', '--media', 'sound', '--compute_hash', 'crc']
  const refused = await rig.call([...fetching, ...wrong])
  expect(refused.code).toBe(2)
  for (const name of ['--output_format', '--media', '--compute_hash']) {
    expect(refused.stderr).toContain(name)
  }
  expect(refused.stderr).toContain('any, image')
  expect(refused.stderr).toContain('varve service --help')
})

test('robots.txt is obeyed unless told otherwise, in whichever way a flag is written', async () => {
  server.setRobots(200, 'User-agent: *\nDisallow: /')
  await rig.must(['enqueue', 'urls.txt', '--repo', 'images'])
  expect(await rig.must([...fetching, '--max-rows', '1'])).toContain('opted_out 1')
  expect(server.timesSeen('/image/0')).toBe(0)
  const ways = [['--robots_txt', 'False'], ['--robots_txt=false'], ['--norobots_txt']]
  for (const way of ways) {
    expect(await rig.must([...fetching, '--max-rows', '1', ...way])).toContain('success 1')
  }
})

test('samples are chosen by the state of their rows, with and without a condition', async () => {
  await rig.must(['enqueue', 'urls.txt', '--repo', 'images'])
  await rig.must(fetching)
  const samples = async (more: readonly string[]): Promise<unknown> =>
    rig.json(['materialize', 'images@master', '--format', 'dummy', '--to', 'none', ...more])
  const all = (await samples([])) as { samples: number }
  expect(all.samples).toBeGreaterThan(0)
  expect(await samples(['--status', 'success'])).toMatchObject({ samples: all.samples })
  expect(await samples(['--status', 'failed'])).toMatchObject({ samples: 0 })
  const none = ['--status', 'success', '--where', "url = '' OR url IS NULL"]
  expect(await samples(none)).toMatchObject({ samples: 0 })
  const { code, stderr } = await rig.call([
    'materialize',
    'images',
    '--to',
    'x',
    '--status',
    'sucess',
  ])
  expect(code).toBe(2)
  expect(stderr).toContain('Did you mean success?')
})

test('a count that is no whole number is refused, for every option that counts', async () => {
  const wrong = [
    [...fetching, '--commit-rows', '0'],
    [...fetching, '--commit-seconds', '-1'],
    [...fetching, '--max-rows='],
    ['list', 'items', '--repo', 'images', '--limit', 'ten'],
    ['list', 'commit', 'images', '-n', '1.5'],
    ['get', 'file', 'images@master:x', '--offset', '1e400'],
    ['materialize', 'images@master', '--to', 'out', '--shard-samples', '0'],
  ]
  for (const { code, stderr } of await Promise.all(wrong.map(async (words) => rig.call(words)))) {
    expect(stderr).toMatch(/It must be a whole number of at least \d\. \[USAGE\]/)
    expect(code).toBe(2)
  }
})

test('the project in use is that of ingest too, and --project names another', async () => {
  await rig.must(['create', 'project', 'photos'])
  await rig.must(['create', 'repo', 'images', '--project', 'photos'])
  await rig.must(['config', 'update', 'context', '--project', 'photos'])
  await rig.must(['enqueue', 'urls.txt', '--repo', 'images'])
  await rig.must(['enqueue', 'urls.txt', '--repo', 'images', '--project', 'default'])
  expect(await rig.must(fetching)).toContain('success 4')
  expect(await rig.json(['list', 'item', '--repo', 'images'])).toHaveLength(4)
  expect(await rig.json(['list', 'item', '--repo', 'default/images'])).toEqual([])
  expect(await rig.must([...fetching, '--project', 'default'])).toContain('4 rows')
  expect(await rig.json(['retry', '--repo', 'images'])).toEqual({ rows: 0 })
})
