import { chmod, mkdir, rename, rm } from 'node:fs/promises'
import { createWriteStream } from 'node:fs'
import { dirname, join } from 'node:path'
import { pipeline } from 'node:stream/promises'
import type { Files } from '../repos/index.ts'

export interface CommitPath {
  readonly commit: string
  readonly path: string
}

export interface Saved {
  readonly files: number
  readonly bytes: number
  readonly target: string
}

/** Writes one file of a commit to disk, from byte `start`; a file that was there is replaced at the end, whole. */
export async function saveFile(
  files: Files,
  from: CommitPath,
  { target, start = 0 }: { readonly target: string; readonly start?: number },
): Promise<Saved> {
  const info = await files.inspect(from.commit, from.path)
  await mkdir(dirname(target), { recursive: true })
  const beside = `${target}.part`
  try {
    await pipeline(files.stream(from.commit, from.path, { start }), createWriteStream(beside))
    if (info.kind === 'file' && info.executable) await chmod(beside, 0o755)
    await rename(beside, target)
  } catch (error) {
    await rm(beside, { force: true })
    throw error
  }
  return { files: 1, bytes: Math.max(0, info.size - start), target }
}

const atOnce = 16

/** Writes a folder of a commit to disk, with all below. `saw` hears how many files are there. */
export async function saveFolder(
  files: Files,
  from: CommitPath,
  options: { readonly target: string; readonly saw?: ((count: number) => void) | undefined },
): Promise<Saved> {
  const prefix = from.path.replace(/^\/+|\/+$/g, '')
  let count = 0
  let bytes = 0
  let batch: Promise<Saved>[] = []
  const settle = async (): Promise<void> => {
    for (const saved of await Promise.all(batch)) bytes += saved.bytes
    count += batch.length
    batch = []
    options.saw?.(count)
  }
  for await (const info of files.walk(from.commit, from.path)) {
    const relative = prefix === '' ? info.path : info.path.slice(prefix.length + 1)
    const target = join(options.target, relative)
    batch.push(saveFile(files, { commit: from.commit, path: info.path }, { target }))
    if (batch.length >= atOnce) await settle()
  }
  await settle()
  return { files: count, bytes, target: options.target }
}
