import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { digestOf } from '../model/index.ts'
import { openSegmentStore, type SegmentStore } from '../segments/index.ts'
import { openStore, type Store } from '../repos/index.ts'
import { DiskObjects, memoryObjects, MemoryFiles } from '../storage/index.ts'
import { systemClock, systemRandom } from '../util/index.ts'
import { openMaterializer } from './materializer.ts'
import type { Materializer } from './types.ts'

export interface TestData {
  readonly store: Store
  readonly segments: SegmentStore
  readonly materializer: Materializer
  /** An empty folder for outputs. */
  readonly folder: string
  /** Puts text or bytes by path into `data@master`, one commit for all. */
  put(files: Readonly<Record<string, string | Uint8Array>>): Promise<void>
  close(): Promise<void>
}

/** A store in memory with one repo, `data`, and a materializer over it. */
export async function openTestData(): Promise<TestData> {
  const folder = mkdtempSync(join(tmpdir(), 'varve-materialize-'))
  const objects = memoryObjects(new MemoryFiles())
  const segments = await openSegmentStore({ objects, indexPath: ':memory:', mode: 'write' })
  const store = await openStore({
    segments,
    catalogFile: join(folder, 'catalog.sqlite'),
    clock: systemClock,
    random: systemRandom,
  })
  await store.repos.create('data')
  return {
    store,
    segments,
    materializer: openMaterializer({ store, segments, clock: systemClock }),
    folder: join(folder, 'out'),
    put: (files) => putFiles(store, files),
    close: async () => {
      await store.close()
      await segments.close()
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

/** Puts text or bytes by path into `data@master`, in the order given. */
export async function putFiles(
  store: Store,
  files: Readonly<Record<string, string | Uint8Array>>,
): Promise<void> {
  const sources = Object.entries(files).map(([path, content]) => {
    const bytes = typeof content === 'string' ? Buffer.from(content) : content
    return { kind: 'bytes' as const, path, bytes }
  })
  await store.files.put('data@master', sources)
}

/** A store in a folder, with a materializer over it. */
export async function openOnDisk(
  folder: string,
  mode: 'read' | 'write',
): Promise<Pick<TestData, 'store' | 'materializer' | 'close'>> {
  const segments = await openSegmentStore({
    objects: new DiskObjects(join(folder, 'objects')),
    indexPath: join(folder, 'index.sqlite'),
    mode,
    lockDirectory: folder,
  })
  const store = await openStore({
    segments,
    catalogFile: join(folder, 'catalog.sqlite'),
    clock: systemClock,
    random: systemRandom,
    readOnly: mode === 'read',
  })
  return {
    store,
    materializer: openMaterializer({ store, segments, clock: systemClock }),
    close: async () => {
      await store.close()
      await segments.close()
    },
  }
}

/** `count` samples of an image, a JSON of columns and a caption. */
export function photos(count: number, bytes = 1000): Record<string, string | Uint8Array> {
  const files: Record<string, string | Uint8Array> = {}
  for (let at = 0; at < count; at++) {
    const key = `photos/${String(at).padStart(4, '0')}`
    files[`${key}.jpg`] = Buffer.alloc(bytes + at, `image ${at} `)
    files[`${key}.json`] = JSON.stringify({
      key,
      width: at,
      caption: at % 3 === 0 ? null : `c${at}`,
    })
    files[`${key}.txt`] = `caption ${at}`
  }
  return files
}

/** SHA-256 of every file below a folder by its path, our own state left out. */
export function digestsBelow(folder: string): Record<string, string> {
  const files = readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((name) => !name.startsWith('.varve') && statSync(join(folder, name)).isFile())
    .toSorted()
  return Object.fromEntries(files.map((name) => [name, digestOf(readFileSync(join(folder, name)))]))
}
