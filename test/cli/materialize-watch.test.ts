import { readdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { CliRig } from './cli.fixture.ts'

let rig: CliRig
beforeEach(() => {
  rig = new CliRig()
})
afterEach(() => rig.dispose())

test('materialize --watch waits for the first commit, goes on with each, and ends with Ctrl-C', async () => {
  await rig.must(['init'])
  await rig.must(['create', 'repo', 'data'])
  const put = async (name: string): Promise<void> => {
    writeFileSync(join(rig.folder, name), name)
    await rig.must(['put', 'file', `data@master:/${name}`, '-f', name])
  }
  const words = ['materialize', 'data@master', '--to', 'out', '--shard-samples', '2']
  const child = rig.start([...words, '--watch', '--json'])
  const ended = new Promise((resolve) => child.on('close', resolve))
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]()
  const next = async () => JSON.parse(String((await lines.next()).value)) as object

  await put('a.txt')
  expect(await next()).toMatchObject({ samples: 1, shards: 1, kept: 0 })
  await put('b.txt')
  expect(await next()).toMatchObject({ samples: 2, shards: 1, kept: 0 })
  await put('c.txt')
  expect(await next()).toMatchObject({ samples: 3, shards: 2, kept: 1 })
  expect(readdirSync(join(rig.folder, 'out'))).toContain('000001.tar')

  child.kill('SIGINT')
  await ended
  expect(child.exitCode).toBe(0)
})

test('only a branch can be watched', async () => {
  await rig.must(['init'])
  await rig.must(['create', 'repo', 'data'])
  const commit = `data@${'1'.repeat(12)}4${'1'.repeat(3)}8${'1'.repeat(15)}`
  const { code, stderr } = await rig.call(['materialize', commit, '--to', 'out', '--watch'])
  expect(code).not.toBe(0)
  expect(stderr).toContain(`"${commit}" names a commit where a branch is needed`)
})

test('one archive on standard output takes nothing that is for folders', async () => {
  await rig.must(['init'])
  await rig.must(['create', 'repo', 'data'])
  const words = ['materialize', 'data', '--to', '-', '--format', 'parquet', '--shard-samples', '2']
  const { code, stderr } = await rig.call([...words, '--watch'])
  expect(code).toBe(2)
  for (const fault of ['no --shard-samples', 'no --watch', 'not parquet']) {
    expect(stderr).toContain(fault)
  }
})
