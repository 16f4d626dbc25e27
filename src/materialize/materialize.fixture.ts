import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { openSegmentStore, type SegmentStore } from '../segments/index.ts'
import { openStore, type Store } from '../repos/index.ts'
import { memoryObjects, MemoryFiles } from '../storage/index.ts'
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
    put: async (files) => {
      const sources = Object.entries(files).map(([path, content]) => {
        const bytes = typeof content === 'string' ? Buffer.from(content) : content
        return { kind: 'bytes' as const, path, bytes }
      })
      await store.files.put('data@master', sources)
    },
    close: async () => {
      await store.close()
      await segments.close()
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

/** `count` samples of an image (random by its number), a JSON of columns and a caption. */
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
