import { expect, test } from 'vitest'
import { isVarveError } from '../../src/model/index.ts'
import type { Store } from '../../src/repos/index.ts'
import { MemoryFiles } from '../../src/storage/index.ts'
import { copyOf, FaultyFiles, RecordingFiles, type Fault } from '../../src/storage/testing.ts'
import { expectSound } from './check-world.fixture.ts'
import { jobsOver, runAll, upperSpec, type OperatorRuns } from './job-history.fixture.ts'
import { openOver, type OpenedStore } from './memory-store.fixture.ts'
import { seededRandom } from './seeded.fixture.ts'
import { text } from './steps.fixture.ts'
import { allCommits } from './world.fixture.ts'

type Step = (store: Store) => Promise<unknown>

interface Work {
  readonly name: string
  /** Done before any fault. */
  readonly prepare: readonly Step[]
  /** Each is one change, acknowledged when it resolves. */
  readonly steps: readonly Step[]
  readonly rebuildIndex?: boolean
  /** Faults there must be at the least: a work that hardly touches the disk proves nothing. */
  readonly atLeast: number
}

const put =
  (target: string, files: Readonly<Record<string, string>>): Step =>
  (store) =>
    store.files.put(
      target,
      Object.entries(files).map(([path, content]) => text(path, content)),
    )

const quick: OperatorRuns = { count: 0, delayMs: 0 }

const twoBranches: readonly Step[] = [
  (store) => store.repos.create('r'),
  put('r@master', { a: 'base', b: 'base', c: 'k'.repeat(3000) }),
  (store) => store.branches.set('r@side', { head: 'r@master' }),
  put('r@side', { b: 'theirs', d: 'd'.repeat(4000) }),
  put('r@master', { a: 'ours', e: 'e'.repeat(6000) }),
]

const works: readonly Work[] = [
  {
    name: 'putting and committing',
    prepare: [],
    steps: [
      (store) => store.repos.create('r'),
      put('r@master', { a: 'one', b: 'x'.repeat(9000), c: 'y'.repeat(3000) }),
      put('r@master', { a: 'two', d: 'z'.repeat(20_000) }),
      (store) => store.files.delete('r@master', ['b']),
    ],
    atLeast: 30,
  },
  {
    name: 'merging',
    prepare: twoBranches,
    steps: [(store) => store.files.merge('r@master', 'r@side')],
    atLeast: 5,
  },
  {
    name: 'collecting garbage',
    prepare: [...twoBranches, (store) => store.commits.drop('r@master')],
    steps: [(store) => store.maintenance.gc(), put('r@master', { e: 'e'.repeat(6000) })],
    atLeast: 20,
  },
  {
    name: 'rebuilding the index',
    prepare: twoBranches,
    steps: [(store) => store.maintenance.reindex(), put('r@master', { f: 'f' })],
    rebuildIndex: true,
    atLeast: 10,
  },
  {
    name: 'running a job',
    prepare: [
      (store) => store.repos.create('texts'),
      async (store) => jobsOver(store, quick).pipelines.create(await upperSpec('up', 'texts')),
      (store) => runAll(jobsOver(store, quick)),
      put('texts@master', { a: 'one', b: 'two', c: 'three'.repeat(2000) }),
    ],
    steps: [(store) => runAll(jobsOver(store, quick))],
    atLeast: 10,
  },
]

/** What a user sees, without the names chance gives. */
function shapeOf(store: Store): string {
  const commits = allCommits(store)
  const heads = store.repos
    .list()
    .flatMap(({ repo }) =>
      store.branches
        .list(repo)
        .map(({ branch, head }) => [
          `${repo}@${branch}`,
          commits.find((commit) => commit.repo === repo && commit.id === head)?.files,
        ]),
    )
  const each = commits.map(({ repo, state, files, message }) => [repo, state, files, message])
  return JSON.stringify({ heads, each })
}

interface Plain {
  readonly disk: MemoryFiles
  /** Before the first step and after each. */
  readonly shapes: readonly string[]
}

async function undisturbed({ name, prepare, steps, rebuildIndex = false }: Work): Promise<Plain> {
  const files = new MemoryFiles()
  const random = seededRandom(name)
  const before = await openOver({ files, random })
  for (const step of prepare) await step(before.store)
  await before.close()
  const disk = copyOf(files)
  const opened = await openOver({ files, random, rebuildIndex })
  const shapes = [shapeOf(opened.store)]
  for (const step of steps) {
    await step(opened.store)
    shapes.push(shapeOf(opened.store))
  }
  await opened.close()
  return { disk, shapes }
}

function faultyCopy(disk: MemoryFiles, fault: Fault): FaultyFiles {
  const base = new RecordingFiles()
  const directories = [...disk.directories].toSorted((a, b) => a.length - b.length)
  for (const path of directories) base.makeDirectory(path)
  for (const [path, file] of disk.files) {
    const fd = base.open(path, 'create')
    base.write(fd, file.content(), 0)
    base.fsync(fd)
    base.close(fd)
  }
  return new FaultyFiles(fault, base)
}

interface Attempt {
  /** Steps that resolved. */
  done: number
  error: unknown
}

async function attempt(store: Store, steps: readonly Step[], from: number): Promise<Attempt> {
  for (let done = from; done < steps.length; done++) {
    try {
      await steps[done]?.(store)
    } catch (error) {
      return { done, error }
    }
  }
  return { done: steps.length, error: undefined }
}

function expectFault(error: unknown, { code }: Fault): void {
  if (!isVarveError(error)) throw error
  expect(error.code).toBe(code === 'EIO' ? 'IO_FAILED' : 'DISK_FULL')
}

function isSync(error: unknown): boolean {
  return isVarveError(error) && error.data['operation'] === 'fsync'
}

/** The work, its fault, and the work again in the same process; answers how far it got. */
async function disturbed(work: Work, files: FaultyFiles, fault: Fault): Promise<number> {
  const { steps, rebuildIndex = false } = work
  const random = seededRandom(`${work.name} again`)
  let opened: OpenedStore
  try {
    opened = await openOver({ files, random, rebuildIndex })
  } catch (error) {
    expectFault(error, fault)
    return 0
  }
  try {
    const first = await attempt(opened.store, steps, 0)
    if (!files.hasFailed) return steps.length
    expectFault(first.error, fault)
    const second = await attempt(opened.store, steps, first.done)
    if (isSync(first.error)) {
      expect(second.done, 'acknowledged after a failed fsync').toBe(first.done)
      expect(second.error).toMatchObject({ code: 'IO_FAILED' })
    } else expect(second.error).toBeUndefined()
    return second.done
  } finally {
    await opened.close()
  }
}

let faults = 0

for (const work of works) {
  for (const code of ['EIO', 'ENOSPC'] as const) {
    test(`${code} at any operation of ${work.name} is one clear error and loses nothing`, async () => {
      const { disk, shapes } = await undisturbed(work)
      let operation = 1
      for (; ; operation++) {
        const fault = { operation, code }
        const files = faultyCopy(disk, fault)
        const done = await disturbed(work, files, fault).catch((error: unknown) => {
          throw new Error(`operation ${operation}: ${String(error)}`, { cause: error })
        })
        if (!files.hasFailed) break
        const again = await openOver({ files: files.base, random: seededRandom('redo') })
        const found = shapes.indexOf(shapeOf(again.store), done)
        expect(found, `operation ${operation}: nothing by half`).toBeGreaterThanOrEqual(done)
        await expectSound(again)
        expect(await attempt(again.store, work.steps, found)).toMatchObject({ error: undefined })
        expect(shapeOf(again.store)).toBe(shapes.at(-1))
        await expectSound(again)
        await again.close()
      }
      faults += operation - 1
      expect(operation - 1).toBeGreaterThanOrEqual(code === 'EIO' ? work.atLeast : 3)
      console.log(`${work.name}: ${operation - 1} operations failed with ${code}`)
    })
  }
}

test('all of them together are hundreds of faults', () => {
  expect(faults).toBeGreaterThan(200)
})
