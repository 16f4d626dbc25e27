import { isDeepStrictEqual } from 'node:util'
import { spawn, type ChildProcessWithoutNullStreams } from 'node:child_process'
import { copyFileSync, existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { afterEach, beforeEach, expect, test } from 'vitest'
import type { CommitId } from '../model/index.ts'
import { openOnDisk } from './disk-store.fixture.ts'
import { text, textOf } from './store.fixture.ts'
import type { Store } from './types/store.ts'

let folder: string
let children: ChildProcessWithoutNullStreams[]

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'varve-readers-'))
  children = []
})
afterEach(() => {
  for (const child of children) child.kill('SIGKILL')
  rmSync(folder, { recursive: true, force: true })
})

/** Another process that holds the store; answers the commit it acknowledged for each line. */
async function startWriter() {
  const program = fileURLToPath(new URL('writer-process.fixture.ts', import.meta.url))
  const child = spawn(process.execPath, [program, folder])
  children.push(child)
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]()
  expect((await lines.next()).value).toBe('ready')
  const put = async (line: string) => {
    child.stdin.write(`${line}\n`)
    return (await lines.next()).value as CommitId
  }
  const kill = () =>
    new Promise<void>((resolve) => {
      child.on('close', () => resolve())
      child.kill('SIGKILL')
    })
  return { put, kill }
}

async function write(rounds: number): Promise<void> {
  const { store, close } = await openOnDisk(folder, 'write')
  if (!store.repos.exists('r')) await store.repos.create('r')
  for (let round = 0; round < rounds; round += 1) {
    await store.files.put('r@master', [text('line', `${round}`)])
  }
  await close()
}

/** Takes the caches as they are now and puts them back over later ones, as a power cut may. */
function keepCaches(names: readonly string[]): () => void {
  const kept = join(folder, 'kept')
  mkdirSync(kept)
  for (const name of names) copyFileSync(join(folder, name), join(kept, name))
  return () => {
    for (const name of names) {
      for (const suffix of ['-wal', '-shm']) rmSync(join(folder, name + suffix), { force: true })
      copyFileSync(join(kept, name), join(folder, name))
    }
  }
}

async function commitsSeen(notices: string[] = []): Promise<number> {
  const notice = (what: string) => void notices.push(what)
  const { store, close } = await openOnDisk(folder, 'read', { notice })
  const commits = store.repos.exists('r') ? store.commits.list({ repo: 'r' }) : []
  for (const { id } of commits) await textOf(store, `r@${id}`, 'line')
  await close()
  return commits.length
}

test('a reader sees every change another process was told is done, while it works and after its death', async () => {
  const writer = await startWriter()
  for (let round = 1; round <= 10; round += 1) {
    await writer.put(`${round}`)
    expect(await commitsSeen()).toBe(round)
  }
  await writer.kill()
  expect(await commitsSeen()).toBe(10)
})

test('a reader that waits hears of the changes of another process', async () => {
  const writer = await startWriter()
  await writer.put('before')
  const { store, close } = await openOnDisk(folder, 'read')
  const { repo } = store.repos.inspect('r')
  const seen: string[] = []
  const subscription = (async () => {
    for await (const { id } of store.subscribe('r@master', { new: true })) {
      seen.push(await textOf(store, `r@${id}`, 'line'))
      if (seen.length === 3) return
    }
  })()
  for (const line of ['one', 'two', 'three']) {
    const id = await writer.put(line)
    expect(await store.waitCommit({ repo, id })).toMatchObject({ state: 'finished' })
  }
  await subscription
  expect(seen).toEqual(['one', 'two', 'three'])
  await close()
})

test('a store opened for reading refuses every write, by name, and leaves no trace', async () => {
  await write(1)
  const { store, close } = await openOnDisk(folder, 'read')
  const refused = { code: 'STORE_LOCKED' }
  await expect(store.repos.create('x')).rejects.toMatchObject(refused)
  await expect(store.files.put('r@master', [text('a', '1')])).rejects.toMatchObject(refused)
  await expect(store.branches.set('r@dev', {})).rejects.toMatchObject(refused)
  await expect(store.maintenance.gc()).rejects.toMatchObject(refused)
  await expect(store.maintenance.reindex()).rejects.toMatchObject(refused)
  expect(store.commits.list({ repo: 'r' })).toHaveLength(1)
  await close()
  expect(existsSync(join(folder, 'writer.json'))).toBe(false)
})

const caches = [['catalog.sqlite'], ['index.sqlite'], ['catalog.sqlite', 'index.sqlite']]
for (const names of caches) {
  test(`caches that lag behind hide nothing from a reader: ${names.join(' and ')}`, async () => {
    await write(2)
    const putBack = keepCaches(names)
    await write(3)
    putBack()
    expect(await commitsSeen()).toBe(5)
    await write(1)
    expect(await commitsSeen()).toBe(6)
  })
}

test('a reader in front of a damaged catalog folds the records itself and says so once', async () => {
  await write(3)
  writeFileSync(join(folder, 'catalog.sqlite'), Buffer.alloc(8192, 'no database'))
  const notices: string[] = []
  expect(await commitsSeen(notices)).toBe(3)
  expect(notices).toHaveLength(1)
})

test('a writer rebuilds a damaged catalog and says so once', async () => {
  await write(3)
  writeFileSync(join(folder, 'catalog.sqlite'), Buffer.alloc(8192, 'no database'))
  const notices: string[] = []
  const { store, close } = await openOnDisk(folder, 'write', {
    notice: (what) => void notices.push(what),
  })
  expect(store.commits.list({ repo: 'r' })).toHaveLength(3)
  await close()
  expect(notices).toHaveLength(1)
  expect(await commitsSeen(notices)).toBe(3)
  expect(notices).toHaveLength(1)
})

test('a reader whose catalog lags follows what a later writer does', async () => {
  await write(2)
  const putBack = keepCaches(['catalog.sqlite'])
  await write(1)
  putBack()
  const { store, close } = await openOnDisk(folder, 'read')
  expect(store.commits.list({ repo: 'r' })).toHaveLength(3)
  const { repo } = store.repos.inspect('r')
  const writer = await startWriter()
  const id = await writer.put('later')
  while (store.commits.list({ repo: 'r' }).length < 4) await store.changed()
  expect(store.commits.inspect({ repo, id }).state).toBe('finished')
  await close()
})

test('readers beside a collection see the same all the time, and what comes after it', async () => {
  const writer = await openOnDisk(folder, 'write', { checkpointPartBytes: 1 })
  await writer.store.repos.create('r')
  await writer.store.files.put('r@master', [text('line', '0')])
  for (let n = 0; n < 20; n += 1) await writer.store.repos.create(`r${n}`)
  // Without a catalog file a reader folds the records itself, and those that come later.
  const alone = { catalogFile: join(folder, 'none.sqlite') }
  const followers = [await openOnDisk(folder, 'read'), await openOnDisk(folder, 'read', alone)]
  const seen = ({ store }: { readonly store: Store }) => store.repos.list()
  const look = async (expected: ReturnType<typeof seen>): Promise<void> => {
    for (const extra of [{}, alone]) {
      const reader = await openOnDisk(folder, 'read', extra)
      expect(seen(reader)).toEqual(expected)
      await reader.close()
    }
    for (const follower of followers) {
      void follower.store.changed()
      expect(seen(follower)).toEqual(expected)
    }
  }
  // On a slow machine a collection is over after a few looks.
  for (let looks = 0; looks < 5;) {
    for (let n = 0; n < 300; n += 1) await writer.store.repos.update('r', { description: `${n}` })
    for (const follower of followers) {
      while (!isDeepStrictEqual(seen(follower), seen(writer))) await follower.store.changed()
    }
    const expected = seen(writer)
    const collection = { isDone: false }
    const collected = writer.store.maintenance.gc().finally(() => (collection.isDone = true))
    for (; !collection.isDone; looks += 1) await look(expected)
    expect((await collected).deadRecords).toBeGreaterThan(299)
  }
  await writer.store.repos.create('later')
  for (const follower of followers) {
    while (!follower.store.repos.exists('later')) await follower.store.changed()
    expect(seen(follower)).toEqual(seen(writer))
  }
  for (const each of [writer, ...followers]) await each.close()
})
