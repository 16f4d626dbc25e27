import { spawn } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
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
  // Looked for by reading: a probe that writes might take the lock before the run does.
  for (let i = 0; i < 200; i++) {
    const { stdout } = await project.run('status', '--json')
    const { writer: owner } = JSON.parse(stdout) as { writer?: string }
    if (owner?.startsWith(`process ${writer.pid} `) === true) return writer
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

/** Commits ten files that all say which round it is, again and again, and collects garbage. */
function writerScript(folder: string): string {
  const door = new URL('../../src/index.ts', import.meta.url).href
  return `
    import { openVarve } from ${JSON.stringify(door)}
    const varve = await openVarve({ dir: ${JSON.stringify(folder)} })
    await varve.repos.create('r')
    for (let round = 1; round <= 60; round++) {
      await varve.repo('r').commit(async (tx) => {
        for (let i = 0; i < 10; i++) await tx.put('file-' + i, ('round ' + round + ' ').repeat(300))
      })
      if (round % 20 === 0) await varve.gc()
    }
    await varve.close()`
}

/** The round that the newest commit is of; 0 before there is one. */
function newestRound(): Promise<number> {
  return project.with('read', async (varve) => {
    if (!varve.repos.exists('r') || varve.branches.find('r@master') === undefined) return 0
    const [head] = varve.history({ repo: 'r', branch: 'master' })
    if (head === undefined) return 0
    const texts = new Set<string>()
    for (let i = 0; i < 10; i++) {
      texts.add(Buffer.from(await varve.files.read(`r@${head.id}`, `file-${i}`)).toString())
    }
    expect(texts.size, 'files of several commits in one').toBe(1)
    expect(head.count).toBe(10)
    return Number(/\d+/.exec([...texts][0] ?? '')?.[0])
  })
}

test(
  'readers beside a writer see whole commits only, and more and more of them',
  { timeout: longest },
  async () => {
    const script = join(project.folder, 'writer.mjs')
    writeFileSync(script, writerScript(project.folder))
    const argv = ['--disable-warning=ExperimentalWarning', script]
    const writer = spawn(process.execPath, argv, { stdio: ['ignore', 'ignore', 'inherit'] })
    const seen: number[] = []
    // The child's end is heard only because reading lets the event loop turn.
    while (writer.exitCode === null && writer.signalCode === null) seen.push(await newestRound())
    expect(writer.exitCode).toBe(0)
    expect(seen).toEqual(seen.toSorted((a, b) => a - b))
    expect(new Set(seen).size).toBeGreaterThan(3)
    await project.must('fsck', '--read-data')
  },
)

test('fsck beside a writer judges the moment it began', { timeout: longest }, async () => {
  await project.with('read', async (reader) => {
    await project.with('write', async (writer) => {
      const commit = (round: number) =>
        writer.repo('in').commit(async (tx) => {
          for (let i = 0; i < 50; i++) await tx.put(`${round}/${i}`, `file ${i} of round ${round}`)
        })
      await commit(0)
      const going = new AbortController()
      const check = reader.fsck({ readData: true }).finally(() => going.abort())
      for (let round = 1; !going.signal.aborted; round++) await commit(round)
      expect((await check).faults).toEqual([])
      expect((await reader.fsck()).faults).toEqual([])
    })
  })
})
