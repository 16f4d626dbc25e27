import { execFile } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { RowInfo } from '../src/index.ts'
import { CliRig } from './cli/cli.fixture.ts'
import { programFile } from './program-file.fixture.ts'

const run = promisify(execFile)
const story = join(import.meta.dirname, '../examples/download/run.mjs')
const rig = new CliRig()
let told = ''

beforeAll(async () => {
  const env = { ...process.env, VARVE_MAIN: programFile(), NO_COLOR: '1' }
  told = (await run(process.execPath, [story, rig.folder], { env })).stdout
}, 180_000)
afterAll(() => rig.dispose())

/** Members of a TAR file as GNU tar lists them. */
async function members(file: string): Promise<string[]> {
  const { stdout } = await run('tar', ['-tf', join(rig.folder, file)])
  return stdout.trimEnd().split('\n')
}

test('the download example counts every row once, and a second run finds nothing to do', () => {
  expect(told).toContain(
    '99 rows: success 95, failed to download 3, failed to resize 1\n3 shards\n',
  )
  expect(told).toContain('Nothing to do: 3 shards made before, none missing.')
})

test('its shards have a sample for each success, and statistics that add up', async () => {
  const shards = ['out/00000', 'out/00001', 'out/00002']
  const names = (await Promise.all(shards.map((shard) => members(`${shard}.tar`)))).flat()
  expect(names).toHaveLength(3 * 95)
  expect(names.slice(0, 3)).toEqual(['0000000.jpg', '0000000.json', '0000000.txt'])
  const stats = shards.map(
    (shard) =>
      JSON.parse(readFileSync(join(rig.folder, `${shard}_stats.json`), 'utf8')) as {
        count: number
        successes: number
      },
  )
  expect(stats.map(({ count }) => count)).toEqual([40, 40, 19])
  expect(stats.reduce((sum, { successes }) => sum + successes, 0)).toBe(95)
})

test('as a service every row ends in one state, and retry brings what was busy', async () => {
  const words = ['-C', 'project', 'list', 'items', '--repo', 'images']
  const rows = (await rig.json(words)) as readonly RowInfo[]
  expect(told).toContain(
    '$ varve retry --repo images --error 503\n1 row enqueued again; `varve service',
  )
  const counts: Record<string, number> = {}
  for (const { status } of rows) counts[status] = (counts[status] ?? 0) + 1
  expect(counts).toEqual({
    success: 92,
    duplicate: 2,
    failed_to_download: 2,
    failed_to_resize: 1,
    opted_out: 2,
  })
  const errors = rows.filter(({ status }) => status === 'opted_out').map(({ error }) => error)
  expect(errors).toEqual([
    'Use of image disallowed by X-Robots-Tag directive',
    'Disallowed by robots.txt',
  ])
})

test('its materialized shard holds whole samples, and both indexes are beside it', async () => {
  const names = await members('project/shards/000000.tar')
  expect(names).toHaveLength(3 * 92)
  expect(names[0]).toMatch(/^[0-9a-f]{12}\/000000000\.jpg$/)
  const index = JSON.parse(readFileSync(join(rig.folder, 'project/shards/wids.json'), 'utf8')) as {
    shardlist: readonly { readonly nsamples: number }[]
  }
  expect(index.shardlist.map(({ nsamples }) => nsamples)).toEqual([92])
  const dali = readFileSync(join(rig.folder, 'project/shards/000000.idx'), 'utf8')
  expect(dali.split('\n')[0]).toBe('v1.2 92')
})
