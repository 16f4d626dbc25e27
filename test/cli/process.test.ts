import { once } from 'node:events'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { openVarve } from '../../src/index.ts'
import { CliRig } from './cli.fixture.ts'

const rig = new CliRig()

const sleeper = `
pipeline: { name: slow }
input: { pfs: { repo: a, glob: '/*' } }
transform: { cmd: [sh], stdin: ['sleep 4', 'cp /pfs/a/* /pfs/out/'] }
parallelism_spec: { constant: 1 }
`

beforeAll(async () => {
  await rig.must(['init'])
  await rig.must(['create', 'repo', 'a'])
  await rig.must(['put', 'file', 'a@master:x'], { input: 'x' })
}, 120_000)

afterAll(() => rig.dispose())

test('while one process writes, another is told who it is, and reading goes on', async () => {
  await using varve = await openVarve({ dir: rig.folder })
  const [written, read] = await Promise.all([
    rig.call(['put', 'file', 'a@master:y', '--json'], { input: 'y' }),
    rig.call(['get', 'file', 'a@master:x']),
  ])
  expect(written.code).toBe(5)
  expect(written.stdout).toContain('STORE_LOCKED')
  expect(written.stdout).toContain(String(process.pid))
  expect(read).toMatchObject({ code: 0, stdout: 'x' })
  expect(varve.repos.list()).toHaveLength(1)
})

test('Ctrl-C ends a run in order, says so, and the next run goes on with what is missing', async () => {
  await rig.must(['put', 'file', 'a@master:q'], { input: 'q' })
  await rig.must(['create', 'pipeline', '-f', '-'], { input: sleeper })
  const child = rig.start(['run', '--json'])
  let stderr = ''
  child.stderr.on('data', (chunk: Buffer) => (stderr += chunk.toString()))
  await expect
    .poll(() => rig.json(['list', 'job']), { timeout: 60_000 })
    .toMatchObject([{ pipeline: 'default/slow', state: 'running' }])
  child.kill('SIGINT')
  const [code] = (await once(child, 'close')) as [number]
  expect(code).toBe(130)
  expect(stderr).toContain('what is done stays done')
  expect(stderr).toContain('[INTERRUPTED]')
  const outcome = (await rig.json(['run'])) as { failed: unknown[] }
  expect(outcome.failed).toEqual([])
  expect(await rig.must(['get', 'file', 'slow@master:q'])).toBe('q')
}, 120_000)

test('a reader that closes early ends the command quietly', async () => {
  const child = rig.start(['help'])
  child.stdout.destroy()
  const [code] = (await once(child, 'close')) as [number]
  expect(code).toBe(0)
})

test('an error keeps its exit code when nobody reads what it says', async () => {
  const child = rig.start(['list', 'file', 'nowhere@master', '--json'])
  child.stdout.destroy()
  child.stderr.destroy()
  const [code] = (await once(child, 'close')) as [number]
  expect(code).toBe(3)
})
