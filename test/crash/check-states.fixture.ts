import { createHash } from 'node:crypto'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { MemoryFiles } from '../../src/storage/index.ts'
import { copyOf, crashStates, type CrashState } from '../../src/storage/testing.ts'
import type { CacheImage, History } from './history.fixture.ts'
import { noCaches, type CachePaths } from './memory-store.fixture.ts'
import { below, fastFolder, seed, seededRandom } from './seeded.fixture.ts'
import { hashDisk } from './store-digest.fixture.ts'

const cacheKinds = ['absent', 'stale', 'as it was'] as const
type CacheKind = (typeof cacheKinds)[number]

/** A disk after a power cut with one of the caches that may lie beside it. */
export interface FoundState {
  readonly history: History
  /** Operations of the log that had happened. */
  readonly at: number
  /** Places in the history's worlds: the last one acknowledged. */
  readonly acknowledged: number
  readonly files: MemoryFiles
  readonly caches: CachePaths
  readonly cacheKind: CacheKind
  /** Counts the states of a history: whatever is done to a part of them only goes by it. */
  readonly number: number
}

type Check = (state: FoundState) => Promise<void>

/**
 * Looks at every distinct state of about `disks` disks, each with no cache, with one from before
 * and with the one of that instant. Answers how many distinct states were checked.
 */
export async function checkStates(
  history: History,
  { disks, check }: { readonly disks: number; readonly check: Check },
): Promise<number> {
  const folder = mkdtempSync(join(fastFolder(), 'varve-states-'))
  const random = seededRandom(`${history.name}/caches`)
  const seen = new Set<string>()
  const checkOnce = async ({ at, marks, files }: CrashState, kind: CacheKind): Promise<void> => {
    const acknowledged = Number(marks.at(-1))
    const image = imageFor(history, { at, kind, choice: random.fraction() })
    const key = keyOf({ files, image, acknowledged })
    if (seen.has(key)) return
    seen.add(key)
    const caches = writeCaches(join(folder, 'state'), image)
    const number = seen.size
    const found = { history, at, acknowledged, caches, cacheKind: kind, number }
    await checkPlaced(check, { ...found, files: copyOf(files) })
    if (image !== undefined) removeCaches(caches)
  }
  try {
    for (const disk of crashStates(history.log, { seed, limit: disks })) {
      if (disk.at < history.begin || disk.marks.length === 0) continue
      for (const kind of cacheKinds) await checkOnce(disk, kind)
    }
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
  return seen.size
}

function imageFor(
  { images }: History,
  { at, kind, choice }: { at: number; kind: CacheKind; choice: number },
): CacheImage | undefined {
  if (kind === 'absent') return undefined
  const legal = images.filter((image) => image.at <= at)
  if (kind === 'as it was' || legal.length < 2) return legal.at(-1)
  // The two caches are files of their own: a power cut may keep more of one than of the other.
  const older = legal.slice(0, -1)
  const index = older[Math.floor(choice * older.length)]
  const catalog = older[Math.floor(choice * 7919 * older.length) % older.length]
  return { at: index?.at ?? 0, index: index?.index, catalog: catalog?.catalog }
}

function writeCaches(path: string, image: CacheImage | undefined): CachePaths {
  if (image === undefined) return noCaches
  const caches = { index: `${path}-index`, catalog: `${path}-catalog` }
  if (image.index !== undefined) writeFileSync(caches.index, image.index)
  if (image.catalog !== undefined) writeFileSync(caches.catalog, image.catalog)
  return caches
}

function removeCaches(caches: CachePaths): void {
  for (const path of [caches.index, caches.catalog]) {
    for (const suffix of ['', '-wal', '-shm', '.damaged']) rmSync(path + suffix, { force: true })
  }
}

interface Keyed {
  readonly files: MemoryFiles
  readonly image: CacheImage | undefined
  readonly acknowledged: number
}

function keyOf({ files, image, acknowledged }: Keyed): string {
  const hash = hashDisk(createHash('sha1').update(String(acknowledged)), files)
  for (const cache of [image?.index, image?.catalog]) hash.update(`\0${digestOfCache(cache)}`)
  return hash.digest('base64')
}

const cacheDigests = new WeakMap<Buffer, string>()

/** There are few caches, and each lies beside many disks. */
function digestOfCache(cache: Buffer | undefined): string {
  if (cache === undefined) return 'absent'
  const known = cacheDigests.get(cache)
  if (known !== undefined) return known
  const digest = createHash('sha1').update(cache).digest('base64')
  cacheDigests.set(cache, digest)
  return digest
}

async function checkPlaced(check: Check, state: FoundState): Promise<void> {
  try {
    await check(state)
  } catch (error) {
    throw placed(error, state)
  }
}

function placed(error: unknown, { history, at, number, cacheKind }: FoundState): Error {
  const last = history.log[at - 1]
  const where = `after operation ${at} of ${history.log.length} (${last?.kind ?? 'none'})`
  const what = error instanceof Error ? error.message : String(error)
  const message = `${history.name}: state ${number}, ${where}, caches ${cacheKind}, seed ${seed}: ${what}`
  return new Error(message, { cause: error })
}

/** Disks to begin another history on, each left by a power cut in the middle of something. */
export function someStates(
  history: History,
  count: number,
): { readonly files: MemoryFiles; readonly acknowledged: number }[] {
  const random = seededRandom(`${history.name}/second crash`)
  const found = [...crashStates(history.log, { seed: seed + 1, limit: history.log.length * 4 })]
  const usable = found.filter(({ marks }) => marks.length > 1)
  return Array.from({ length: count }, () => usable[below(random, usable.length)])
    .filter((state) => state !== undefined)
    .map(({ files, marks }) => ({ files, acknowledged: Number(marks.at(-1)) }))
}
