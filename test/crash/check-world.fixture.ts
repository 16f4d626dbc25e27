import assert from 'node:assert/strict'
import type { FoundState } from './check-states.fixture.ts'
import type { History } from './history.fixture.ts'
import { openOver, type OpenedStore } from './memory-store.fixture.ts'
import { seededRandom } from './seeded.fixture.ts'
import { digestOfStore } from './store-digest.fixture.ts'
import { allCommits, textsOf, worldOf, type World } from './world.fixture.ts'

/**
 * Everything acknowledged is there, nothing is there by half, and work goes on. Every state is
 * opened, held against what was acknowledged, and written on. Recovery makes few stores of many
 * disks, so each store that comes out is read whole once; every sixteenth state is, come what may.
 */
export function worldCheck(): (state: FoundState) => Promise<void> {
  const known: KnownWorlds = new Map()
  return (state) => checkWorld(state, known)
}

/** Worlds of sound stores, by what the store was opened with and its digest. */
type KnownWorlds = Map<string, World>

async function checkWorld(state: FoundState, known: KnownWorlds): Promise<void> {
  const { history, acknowledged, files, caches, number } = state
  const isThorough = number % 16 === 0
  const random = seededRandom(`${history.name}/${number}`)
  const opened = await openOver({ files, caches, random })
  let written
  try {
    const world = isThorough
      ? await soundWorld(opened, history)
      : await knownWorld(opened, state, known)
    const legal = history.worlds.slice(acknowledged, acknowledged + 2)
    if (!legal.includes(world)) assert.equal(world, legal.at(-1))
    await writeOn(opened, number % 2 === 0)
    if (isThorough) written = worldOf(opened.store)
  } finally {
    await opened.close()
  }
  if (written === undefined) return
  const again = await openOver({ files, random })
  try {
    assert.equal(await soundWorld(again, history), written)
  } finally {
    await again.close()
  }
}

async function knownWorld(
  opened: OpenedStore,
  { history, files, cacheKind }: FoundState,
  known: KnownWorlds,
): Promise<World> {
  const key = `${cacheKind} ${digestOfStore(opened, files)}`
  const found = known.get(key)
  if (found !== undefined) return found
  const world = await soundWorld(opened, history)
  known.set(key, world)
  return world
}

/** Checks everything down to the bytes, and the text of every file of every commit. */
async function soundWorld(opened: OpenedStore, { texts }: History): Promise<World> {
  await expectSound(opened)
  const { store } = opened
  for (const commit of allCommits(store)) {
    const wanted = commit.repo === after.repo ? after.texts : texts.get(commit.files)
    assert.deepEqual(await textsOf(store, commit), wanted)
  }
  return worldOf(store)
}

export async function expectSound({ store }: OpenedStore): Promise<void> {
  assert.deepEqual((await store.maintenance.fsck({ readData: true })).faults, [])
}

/** What is written after the crash. */
const after = { repo: 'default/after', texts: { a: 'work goes on' } }

/** A record in every state, and new bytes and nodes under it in every other. */
async function writeOn({ store }: OpenedStore, withFiles: boolean): Promise<void> {
  await store.repos.create('after')
  if (!withFiles) return
  const bytes = Buffer.from(after.texts.a)
  await store.files.put('after@master', [{ kind: 'bytes', path: 'a', bytes }])
  assert.deepEqual(await store.files.read('after@master', 'a'), bytes)
}
