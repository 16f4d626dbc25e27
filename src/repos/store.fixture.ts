import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { openSegmentStore } from '../segments/index.ts'
import { memoryObjects, MemoryFiles } from '../storage/index.ts'
import { systemRandom, type Clock } from '../util/index.ts'
import { openStore } from './store.ts'
import type { FileSource } from './types/files.ts'
import type { Store, StoreOptions } from './types/store.ts'

/** A clock that moves one second at every look, so that times in a test tell the order of things. */
export function steppingClock(start = 1_700_000_000_000): Clock {
  let now = start
  return { now: () => (now += 1000) }
}

export interface TestStore {
  readonly store: Store
  readonly files: MemoryFiles
  /** Closes everything and opens it again over the same bytes, as a new process would. */
  reopen(options?: { readonly withoutCatalog?: boolean }): Promise<TestStore>
  close(): Promise<void>
}

type TestOptions = Partial<Omit<StoreOptions, 'segments' | 'catalogFile'>>

/** A store over segments in memory; its catalog is a file of the system's folder for such things. */
export async function openTestStore(
  options: TestOptions = {},
  files: MemoryFiles = new MemoryFiles(),
  folder: string = mkdtempSync(join(tmpdir(), 'varve-test-')),
): Promise<TestStore> {
  const segments = await openSegmentStore({
    objects: memoryObjects(files),
    indexPath: ':memory:',
    mode: 'write',
  })
  const store = await openStore({
    clock: steppingClock(),
    random: systemRandom,
    temporaryDirectory: folder,
    ...options,
    segments,
    catalogFile: join(folder, 'catalog.sqlite'),
  })
  const shut = async () => {
    await store.close()
    await segments.close()
  }
  return {
    store,
    files,
    reopen: async ({ withoutCatalog = false } = {}) => {
      await shut()
      if (withoutCatalog) rmSync(folder, { recursive: true })
      return withoutCatalog ? openTestStore(options, files) : openTestStore(options, files, folder)
    },
    close: async () => {
      await shut()
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

export function text(path: string, content: string): FileSource {
  return { kind: 'bytes', path, bytes: Buffer.from(content) }
}

export async function textOf(store: Store, commit: string, path: string): Promise<string> {
  return Buffer.from(await store.files.read(commit, path)).toString()
}

export async function collect<T>(items: AsyncIterable<T>): Promise<T[]> {
  const all: T[] = []
  for await (const item of items) all.push(item)
  return all
}

export async function pathsOf(store: Store, commit: string): Promise<string[]> {
  return (await collect(store.files.walk(commit))).map(({ path }) => path)
}
