/**
 * Folders of random files for the benches that add, commit and read back. The bytes come from one
 * cipher stream, so that every run on every machine works on the same data.
 */
import { createCipheriv, createHash } from 'node:crypto'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

const filesInFolder = 1000

/** Runs `task` in a scratch folder that is removed afterwards, whatever happens. */
export async function inScratch(task: (folder: string) => unknown): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'varve-bench-'))
  try {
    await task(folder)
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

/** Bytes that do not compress and repeat with their seed. */
export function randomBytes(length: number, seed: string): Buffer {
  const key = createHash('sha256').update(seed).digest()
  return createCipheriv('aes-256-ctr', key, Buffer.alloc(16)).update(Buffer.alloc(length))
}

/** Paths of `count` files, a thousand in a folder. */
export function datasetPaths(count: number): string[] {
  return Array.from({ length: count }, (_, i) => {
    const folder = String(Math.floor(i / filesInFolder)).padStart(4, '0')
    return `batch-${folder}/image-${String(i).padStart(7, '0')}.bin`
  })
}

/** Writes `count` files of `bytes` random bytes each below `folder`; answers their paths. */
export function writeDataset(folder: string, count: number, bytes: number): string[] {
  const paths = datasetPaths(count)
  for (let from = 0; from < count; from += filesInFolder) {
    const part = paths.slice(from, from + filesInFolder)
    mkdirSync(join(folder, part[0] ?? '', '..'), { recursive: true })
    const content = randomBytes(part.length * bytes, `files from ${from}`)
    part.forEach((path, i) =>
      writeFileSync(join(folder, path), content.subarray(i * bytes, (i + 1) * bytes)),
    )
  }
  return paths
}
