import { afterEach, beforeEach, expect, test } from 'vitest'
import { ProcessProject } from './process.fixture.ts'

const longest = 120_000

let project: ProcessProject
beforeEach(async () => {
  project = new ProcessProject()
  await project.must('init')
  await project.must('create', 'repo', 'in')
})
afterEach(() => project.remove())

const sleeper = {
  pipeline: { name: 'sleeper' },
  input: { pfs: { repo: 'in', glob: '/' } },
  transform: { cmd: ['sleep', '600'] },
}

/** A run that goes on until it is told to stop: it holds the lock all the while. */
async function startWriter() {
  await project.with('write', async (varve) => {
    await varve.repo('in').commit(async (tx) => tx.put('x', 'x'))
    await varve.pipelines.change([{ file: 'sleeper.json', text: JSON.stringify(sleeper) }], {
      mode: 'create',
    })
  })
  const writer = project.start('run')
  for (let i = 0; i < 200; i++) {
    const owner = await project.run('create', 'repo', `probe-${i}`)
    if (owner.code === 5) return writer
  }
  throw new Error('the writer never took the lock')
}

test(
  'a second writer is refused in a second, told who the first one is',
  { timeout: longest },
  async () => {
    const writer = await startWriter()
    const started = await project.run('version')
    const refused = await project.run('create', 'repo', 'late', '--json')
    expect(refused.code).toBe(5)
    const { error } = JSON.parse(refused.stdout) as { error: { code: string; what: string } }
    expect(error.code).toBe('STORE_LOCKED')
    expect(error.what).toContain(`process ${writer.pid} `)
    expect(error.what).toMatch(/ run\)/)
    expect(refused.ms - started.ms).toBeLessThan(1000)
    writer.child.kill('SIGTERM')
    await writer.ended
    await project.must('create', 'repo', 'late')
  },
)

test('a writer that is killed leaves no lock behind', { timeout: longest }, async () => {
  const writer = await startWriter()
  writer.child.kill('SIGKILL')
  await writer.ended
  await project.must('create', 'repo', 'next')
  expect(project.leaked()).toEqual([])
})
