import { afterEach, beforeEach, expect, test } from 'vitest'
import { openTestJobs, shellSpec, type TestJobs } from '../jobs.fixture.ts'

let t: TestJobs
beforeEach(async () => {
  t = await openTestJobs()
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
