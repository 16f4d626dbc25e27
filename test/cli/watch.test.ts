import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import { CliRig } from './cli.fixture.ts'

const rig = new CliRig()
const longest = 60_000
let watcher: ReturnType<CliRig['start']> | undefined

const slow = `
pipeline: { name: slow }
input: { pfs: { repo: a, glob: '/*' } }
transform: { cmd: [sh], stdin: ['sleep 3', 'cp /pfs/a/* /pfs/out/'] }
parallelism_spec: { constant: 1 }
`

beforeAll(async () => {
  await rig.must(['init'])
  await rig.must(['create', 'repo', 'a'])
  await rig.must(['create', 'pipeline', '-f', '-'], { input: slow })
}, longest)

afterEach(async () => {
  if (watcher === undefined) return
  watcher.kill('SIGINT')
  await once(watcher, 'close')
  watcher = undefined
})

afterAll(() => rig.dispose())

/** Starts `run --watch`; resolves when it has said a line that matches. */
async function watch(until: RegExp): Promise<{ stderr: string }> {
  const child = rig.start(['run', '--watch'])
  watcher = child
  const told = { stderr: '' }
  await new Promise<void>((resolve) => {
    child.stderr.on('data', (chunk: Buffer) => {
      told.stderr += chunk.toString()
      if (until.test(told.stderr)) resolve()
    })
  })
  return told
}

test(
  'a put from a second terminal works while `run --watch` waits, and is run',
  { timeout: longest },
  async () => {
    const told = await watch(/Watching/)
    for (const name of ['x', 'y'])
      await rig.must(['put', 'file', `a@master:${name}`], { input: name })
    await expect.poll(() => told.stderr, { timeout: 30_000 }).toMatch(/success +slow/)
    await expect
      .poll(async () => (await rig.call(['get', 'file', 'slow@master:y'])).stdout, {
        timeout: 30_000,
      })
      .toBe('y')
  },
)

test(
  'a put while `run --watch` runs a job says whom it waits for, and is done after it',
  { timeout: longest },
  async () => {
    await watch(/Watching/)
    await rig.must(['put', 'file', 'a@master:p'], { input: 'p' })
    await expect
      .poll(() => existsSync(join(rig.folder, '.varve/writer.json')), {
        timeout: 30_000,
        interval: 20,
      })
      .toBe(true)
    const late = await rig.call(['put', 'file', 'a@master:q'], { input: 'q' })
    expect(late).toMatchObject({ code: 0 })
    expect(late.stderr).toContain('Waiting for `run --watch`')
    expect(late.stderr).toContain(`process ${watcher?.pid}`)
  },
)

test('Ctrl-C ends a watch that waits, and is no fault', { timeout: longest }, async () => {
  await watch(/Watching/)
  const [child] = [watcher]
  watcher = undefined
  child?.kill('SIGINT')
  expect(await once(child ?? process, 'close')).toEqual([0, null])
})
