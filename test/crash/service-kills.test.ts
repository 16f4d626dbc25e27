import { execFileSync } from 'node:child_process'
import { readdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { ProcessProject } from './process.fixture.ts'
import { below, seed, seededRandom } from './seeded.fixture.ts'
import { openSlowHost, type PlannedRow, type SlowHost } from './slow-host.fixture.ts'

const kills = 50
const rows = 20_000
const longest = 600_000
const commitRows = 500
/** While it is killed the service gets about a thousand rows a second at most. */
const delayMs = 60
/** A killed service has sent so many requests at most: one that lives long makes a commit. */
const mostRequests = 2 * commitRows
const longestAfterRequestMs = 50
/** So many of the kills come at any moment from the start of the process, the others while it fetches. */
const earlyKills = 0.2
const longestStartMs = 800

let project: ProcessProject
let host: SlowHost
beforeEach(async () => {
  host = await openSlowHost()
  project = new ProcessProject()
  await project.must('init')
  await project.with('write', (varve) => varve.repos.create('images'))
})
afterEach(async () => {
  await host.close()
  project.remove()
})

const words = [
  'service',
  '--repo=images',
  '--once',
  `--commit-rows=${commitRows}`,
  '--thread_count=64',
  '--host_concurrency=64',
  '--allow=127.0.0.1',
]

test(
  `a service killed ${kills} times over ${rows} URLs ends every row in one state, every item once`,
  { timeout: longest },
  async () => {
    const random = seededRandom('rows')
    const planned = host.plan(rows, () => random.fraction())
    const list = join(project.temporary, 'urls.txt')
    writeFileSync(list, planned.map(({ url }) => `${url}\n`).join(''))
    await project.must('enqueue', list, '--repo', 'images')

    const killed = await killOften()
    expect(killed, `seed ${seed}`).toEqual({ kills, whileFetching: expect.any(Number) })
    expect(killed.whileFetching, `seed ${seed}`).toBeGreaterThan(kills / 2)
    expect(await rowsEnded(), `seed ${seed}`).toBeGreaterThan(2 * commitRows)
    expect(await rowsEnded(), `seed ${seed}`).toBeLessThan(rows)
    host.delayMs = 0
    await project.must(...words)

    await expectRows(planned)
    expectSoundSegments()
    await project.must('fsck', '--read-data')
    expect(project.leaked()).toEqual([])
  },
)

/** Starts the service and kills it until that was done often enough or there is nothing left to do. */
async function killOften(): Promise<{ kills: number; whileFetching: number }> {
  const random = seededRandom('kills')
  const done = { kills: 0, whileFetching: 0 }
  host.delayMs = delayMs
  while (done.kills < kills) {
    const before = host.requests
    const { child, ended } = project.start(...words)
    const isEarly = random.fraction() < earlyKills
    const requests = 1 + below(random, mostRequests)
    const afterMs = random.fraction() * (isEarly ? longestStartMs : longestAfterRequestMs)
    if (!isEarly) await Promise.race([host.reach(before + requests), ended])
    const timer = setTimeout(() => child.kill('SIGKILL'), afterMs)
    const { signal, code, stderr } = await ended
    clearTimeout(timer)
    if (signal === null) {
      expect(code, `seed ${seed}: ${stderr}`).toBe(0)
      return done
    }
    done.kills += 1
    if (host.requests > before) done.whileFetching += 1
  }
  return done
}

async function rowsEnded(): Promise<number> {
  return project.with('read', async (varve) => [...(await varve.ingest()).rows('images')].length)
}

async function expectRows(planned: readonly PlannedRow[]): Promise<void> {
  await project.with('read', async (varve) => {
    const ingest = await varve.ingest()
    const found = [...ingest.rows('images')]
    expect(
      found.map(({ url, status, media }) => [url, status, media?.digest]),
      `seed ${seed}`,
    ).toEqual(planned.map(({ url, status, digest }) => [url, status, digest]))
    const [report] = await ingest.report('images')
    expect(report?.waiting).toBe(0)
    const digests: string[] = []
    for await (const file of varve.files.walk('images@master')) {
      if (!file.path.endsWith('.json')) digests.push(file.digest ?? 'none')
    }
    const successes = planned.flatMap(({ digest }) => digest ?? [])
    expect(digests.toSorted(), `seed ${seed}`).toEqual(successes.toSorted())
  })
}

const readSegments = `
import collections, hashlib, json, sys, tarfile
seen, wrong = collections.Counter(), []
for path in sys.argv[1:]:
    with tarfile.open(path) as tar:
        for member in tar:
            seen[member.linkname] += 1
            if hashlib.sha256(tar.extractfile(member).read()).hexdigest() != member.linkname:
                wrong.append([path, member.name])
print(json.dumps({'members': sum(seen.values()), 'wrong': wrong, 'twice': [d for d, n in seen.items() if n > 1]}))
`

/** Python reads every data lane: each payload is what its header promises, and none is there twice. */
function expectSoundSegments(): void {
  const folder = join(project.folder, '.varve/segments')
  const segments = readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((path) => path.endsWith('.tar') && !path.startsWith('meta/'))
    .map((path) => join(folder, path))
  const output = execFileSync('python3', ['-c', readSegments, ...segments], {
    encoding: 'utf8',
    maxBuffer: 1 << 28,
  })
  expect(JSON.parse(output), `seed ${seed}`).toEqual({
    members: expect.any(Number),
    wrong: [],
    twice: [],
  })
}
