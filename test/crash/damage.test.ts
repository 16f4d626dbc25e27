import { copyFileSync, cpSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { isVarveError } from '../../src/model/index.ts'
import { MemoryFiles } from '../../src/storage/index.ts'
import { copyOf } from '../../src/storage/testing.ts'
import { expectSound } from './check-world.fixture.ts'
import { openOver, type OpenedStore } from './memory-store.fixture.ts'
import { ProcessProject } from './process.fixture.ts'
import { below, seed, seededRandom } from './seeded.fixture.ts'
import { text } from './steps.fixture.ts'
import { allCommits, textsOf, worldOf } from './world.fixture.ts'

const longest = 300_000
const random = () => seededRandom('damage')

interface Stored {
  readonly disk: MemoryFiles
  /** What each acknowledged commit left to see, the first one first. */
  readonly worlds: readonly string[]
  /** Texts by path below each root. */
  readonly texts: ReadonlyMap<string, Readonly<Record<string, string>>>
}

/** Commits in one lane, none of them followed by a claim but through the next one. */
async function stored(commits: number, bytes: number): Promise<Stored> {
  const files = new MemoryFiles()
  const { store, close } = await openOver({ files, random: random(), segmentBytes: 1 << 20 })
  const worlds = [worldOf(store)]
  const texts = new Map<string, Readonly<Record<string, string>>>()
  await store.repos.create('r')
  worlds.push(worldOf(store))
  for (let i = 0; i < commits; i++) {
    const content = `${i} `.repeat(bytes >> 1)
    await store.files.put('r@master', [text(`file-${i}`, content), text('always', content)])
    worlds.push(worldOf(store))
  }
  for (const commit of allCommits(store)) texts.set(commit.files, await textsOf(store, commit))
  await close()
  return { disk: files, worlds, texts }
}

async function expectServed({ store }: OpenedStore, { texts }: Stored): Promise<void> {
  for (const commit of allCommits(store)) {
    expect(await textsOf(store, commit)).toEqual(texts.get(commit.files))
  }
}

const metaSegment = '/segments/meta/000001.tar'

test(
  'a store cut at any byte of its last 64 KiB serves exactly the commits that are whole',
  { timeout: longest },
  async () => {
    const all = await stored(40, 300)
    const size = all.disk.size(metaSegment) ?? 0
    expect(size).toBeGreaterThan(64 << 10)
    const first = size - (64 << 10)
    let last = 0
    let opened = 0
    // Between two edges of blocks every cut leaves the same whole members: each edge is cut, the
    // bytes on both sides of it, and one in the middle; the bytes between are walked by one in 97.
    for (let at = first; at <= size; at++) {
      const inBlock = at % 512
      if (![0, 1, 256, 511].includes(inBlock) && at % 97 !== 0) continue
      const files = copyOf(all.disk)
      files.files.get(metaSegment)?.resize(at)
      const store = await openOver({ files, random: random(), segmentBytes: 1 << 20 })
      try {
        const place = all.worlds.indexOf(worldOf(store.store))
        expect(place, `cut at ${at}`).toBeGreaterThanOrEqual(last)
        if (place !== last) await expectServed(store, all)
        last = place
        opened++
      } finally {
        await store.close()
      }
    }
    expect(last).toBe(all.worlds.length - 1)
    expect(opened).toBeGreaterThan(1000)
    console.log(`${opened} cuts of the last 64 KiB`)
  },
)

test(
  '1,000 flipped bits are found, and no wrong byte is ever served',
  { timeout: longest },
  async () => {
    const all = await stored(6, 2000)
    const lanes = [...all.disk.files.keys()].filter((path) => path.endsWith('.tar'))
    const choose = seededRandom('flips')
    let found = 0
    let refused = 0
    const flips = 1000
    const clean = await openOver({ files: copyOf(all.disk), random: random() })
    await clean.close()
    for (let i = 0; i < flips; i++) {
      const files = copyOf(all.disk)
      const path = lanes[below(choose, lanes.length)] ?? ''
      const content = files.files.get(path)?.content() ?? Buffer.alloc(0)
      const at = below(choose, content.length)
      content.writeUInt8((content[at] ?? 0) ^ (1 << below(choose, 8)), at)
      const where = `bit at ${path}:${at}, seed ${seed}`
      const opened = await openOver({ files, random: random() }).catch((error: unknown) => {
        if (!isVarveError(error, 'STORE_DAMAGED')) throw error
        return undefined
      })
      if (opened === undefined) {
        found++
        continue
      }
      const { faults } = await opened.store.maintenance.fsck({ readData: true })
      // The last record is cut as a torn tail when no index tells that it was durable.
      const isCut = faults.length === 0 && worldOf(opened.store) !== all.worlds.at(-1)
      if (faults.length > 0 || isCut) found++
      else expect(isPadding(all.disk, path, at), `not found: ${where}`).toBe(true)
      refused += await servedOrRefused(opened, all, where)
      await opened.close()
    }
    console.log(`${found} of ${flips} flips found, ${refused} reads refused`)
    expect(found).toBeGreaterThan(flips / 2)
  },
)

/** Bytes that mean nothing: behind a payload up to the next block. */
function isPadding(disk: MemoryFiles, path: string, at: number): boolean {
  const bytes = disk.files.get(path)?.content() ?? Buffer.alloc(0)
  for (let start = 0; start + 512 <= bytes.length;) {
    const size = Number.parseInt(bytes.toString('latin1', start + 124, start + 135), 8)
    const end = start + 512 + size
    const next = start + 512 + Math.ceil(size / 512) * 512
    if (at < next) return at >= end
    start = next
  }
  return false
}

/** Every read answers what was stored or refuses; answers how many refused. */
async function servedOrRefused(opened: OpenedStore, all: Stored, where: string): Promise<number> {
  let refused = 0
  for (const commit of allCommits(opened.store)) {
    const wanted = all.texts.get(commit.files)
    try {
      const texts = await textsOf(opened.store, commit)
      expect(texts, where).toEqual(wanted)
    } catch (error) {
      if (!isVarveError(error)) throw error
      expect(['STORE_DAMAGED', 'ITEM_MISSING'], where).toContain(error.code)
      refused++
    }
  }
  return refused
}

// As a user meets it --------------------------------------------------------------------------------

let project: ProcessProject
let whole: string
beforeAll(async () => {
  project = new ProcessProject()
  await project.must('init')
  await project.with('write', async (varve) => {
    await varve.repos.create('r')
    for (let i = 0; i < 4; i++) {
      await varve.repo('r').commit((tx) => tx.put(`file-${i}`, `content ${i} `.repeat(500)))
    }
  })
  whole = join(project.temporary, 'whole')
  cpSync(join(project.folder, '.varve'), whole, { recursive: true })
}, longest)
afterAll(() => project.remove())

const inStore = (...parts: string[]): string => join(project.folder, '.varve', ...parts)

function restore(): void {
  rmSync(inStore(), { recursive: true })
  cpSync(whole, inStore(), { recursive: true })
}

function remove(name: string): void {
  for (const suffix of ['', '-wal', '-shm']) rmSync(inStore(name + suffix), { force: true })
}

async function expectAllThere(): Promise<void> {
  for (let i = 0; i < 4; i++) {
    const { stdout } = await project.must('get', 'file', `r@master:/file-${i}`)
    expect(stdout).toBe(`content ${i} `.repeat(500))
  }
  await project.must('fsck', '--read-data')
}

for (const name of ['index.sqlite', 'catalog.sqlite']) {
  test(`${name} deleted, or full of garbage, costs nothing`, { timeout: longest }, async () => {
    restore()
    remove(name)
    await expectAllThere()
    remove(name)
    writeFileSync(inStore(name), Buffer.alloc(8192, 'garbage'))
    await expectAllThere()
    await project.must('create', 'repo', 'next')
    await expectAllThere()
  })

  test(
    `${name} of a newer version is refused, and reindex makes one of this version`,
    { timeout: longest },
    async () => {
      restore()
      const database = new DatabaseSync(inStore(name))
      if (name === 'index.sqlite') database.exec('PRAGMA user_version = 999')
      else database.exec('UPDATE catalog SET format = 999')
      database.close()
      for (const words of [
        ['create', 'repo', 'x'],
        ['list', 'repo'],
      ]) {
        const refused = await project.run(...words, '--json')
        expect(refused.code).toBe(6)
        expect(JSON.parse(refused.stdout)).toMatchObject({ error: { code: 'FORMAT_TOO_NEW' } })
      }
      await project.must('reindex')
      await expectAllThere()
    },
  )
}

test(
  'a damaged segment: writers stop, readers go on, repair keeps a copy of the old bytes',
  { timeout: longest },
  async () => {
    restore()
    const lanes = inStore('segments')
    const lane = readdirSync(lanes).find((name) => name !== 'meta') ?? ''
    const segment = join(lanes, lane, '000001.tar')
    const bytes = readFileSync(segment)
    copyFileSync(segment, join(project.temporary, 'before.tar'))
    // In the payload of the second file.
    const at = bytes.indexOf('content 1 ') + 2000
    bytes.writeUInt8((bytes[at] ?? 0) ^ 0x10, at)
    writeFileSync(segment, bytes)

    const found = await project.run('fsck', '--read-data', '--json')
    expect(found.code).toBe(1)
    expect(found.stdout).toContain('segment damaged')
    const bad = await project.run('get', 'file', 'r@master:/file-1')
    expect(bad.code).toBe(6)
    expect(bad.stderr).toContain('STORE_DAMAGED')
    const good = await project.must('get', 'file', 'r@master:/file-2')
    expect(good.stdout).toBe('content 2 '.repeat(500))

    const repaired = await project.must('repair', '--json')
    const report = JSON.parse(repaired.stdout) as { repaired: { copy: string }[] }
    expect(report.repaired).toHaveLength(1)
    const copy = readdirSync(join(lanes, lane)).find((name) => name.includes('.damaged')) ?? ''
    expect(readFileSync(join(lanes, lane, copy)).equals(bytes)).toBe(true)
    const gone = await project.run('get', 'file', 'r@master:/file-1')
    expect(gone.stderr).toContain('ITEM_MISSING')
    await project.with('write', (varve) =>
      varve.repo('r').commit((tx) => tx.put('file-1', 'content 1 '.repeat(500))),
    )
    await expectAllThere()
  },
)

test('the checks above see a store that is whole', async () => {
  const all = await stored(3, 300)
  const opened = await openOver({ files: all.disk, random: random() })
  await expectSound(opened)
  await expectServed(opened, all)
  await opened.close()
})
