import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { openTestJobs, shellSpec, type TestJobs } from '../jobs.fixture.ts'

let t: TestJobs
beforeEach(async () => {
  t = await openTestJobs({ secret: () => 'hidden', secretKeys: () => ['key'] })
  await t.store.repos.create('texts')
})
afterEach(() => t.close())

test('jobs of one set whose pipelines read alike without the slash have folders of their own', async () => {
  const repo = { repo: 'texts', project: 'default' }
  const tools = { pfs: { ...repo, name: 'tools', glob: '/dir' } }
  const pipeline = (project: string, name: string, glob: string) => ({
    ...shellSpec(name, 'texts', ['sleep 0.3; cat /pfs/tools/dir/tool']),
    parallelism_spec: { constant: 1 },
    pipeline: { project, name },
    input: { cross: [{ pfs: { ...repo, name: 'file', glob } }, tools] },
  })
  for (const project of ['a', 'a-b']) await t.store.projects.create(project)
  await t.create(pipeline('a', 'b-c', '/?'))
  await t.create(pipeline('a-b', 'c', '/a'))
  await t.run()
  await t.put('texts', { a: '1', b: '2', c: '3', d: '4', e: '5', f: '6', 'dir/tool': 'tool' })
  expect(await t.run()).toMatchObject([
    { pipeline: 'a-b/c', state: 'success', counters: { processed: 1 } },
    { pipeline: 'a/b-c', state: 'success', counters: { processed: 6 } },
  ])
})

test('a pipeline may have the longest name there is, in any script', async () => {
  await t.put('texts', { a: 'one' })
  await t.create(shellSpec('名'.repeat(128), 'texts', ['cp "$texts" /pfs/out/']))
  expect(await t.run()).toMatchObject([{ state: 'success', counters: { processed: 1 } }])
})

test('a command that cannot be put together leaves no secret behind', async () => {
  const spec = shellSpec('none', 'texts', [])
  const secrets = [{ name: 'token', key: 'key', mount_path: '/etc/token' }]
  for (const datum_batching of [false, true]) {
    const name = `none-${datum_batching}`
    const transform = { image: 'unknown', secrets, datum_batching }
    await t.create({ ...spec, pipeline: { name }, transform })
  }
  await t.put('texts', { a: 'one' })
  const jobs = await t.run()
  expect(jobs.map(({ reason }) => reason)).toContainEqual(expect.stringContaining('names no cmd'))
  expect(existsSync(t.scratch)).toBe(false)
})

test.each([false, true])(
  'a run that fails ends its commands and removes their folder (batching: %s)',
  async (datum_batching) => {
    const files = 'abcdefghijklmnop'.split('').map((path) => [path, ''] as const)
    await t.put('texts', { ...Object.fromEntries(files), 'z/x': '' })
    // The first makes it impossible to lay out a folder as soon as the second runs, long before the last.
    const pid = join(t.scratch, 'pid')
    const lines = [
      // A path that begins with a variable is left as it is.
      `scratch=$none${t.scratch}`,
      datum_batching ? 'while pachctl next datum; do . /pfs/.env' : 'for once in 1; do',
      'case "$texts" in',
      '  */a) while [ ! -s $scratch/pid ]; do sleep 0.05; done',
      '    for job in $scratch/job-*; do : > $job/inputs; done ;;',
      '  */b) echo $$ > $scratch/pid; sleep 30 ;;',
      'esac',
      'done',
    ]
    const spec = shellSpec('fails', 'texts', lines)
    await t.create({ ...spec, transform: { ...spec.transform, datum_batching } })
    await expect(t.run()).rejects.toThrow('ENOTDIR')
    const running = Number(readFileSync(pid, 'utf8'))
    expect(() => process.kill(running, 0)).toThrow('ESRCH')
    expect(readdirSync(t.scratch)).toEqual(['pid'])
  },
)
