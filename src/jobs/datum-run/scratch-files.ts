import {
  createWriteStream,
  mkdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { chmod, mkdir, rm, writeFile } from 'node:fs/promises'
import { dirname } from 'node:path'
import { pipeline } from 'node:stream/promises'

/**
 * The disk as commands see it: inputs put there for them and what they wrote. Nothing of the store
 * lies here, everything may be deleted when nothing runs. The only file of the room, with egress,
 * that touches the disk.
 */

/** Replaces whatever is there by an empty folder, readable by this user alone. */
export function freshFolderSync(path: string): void {
  rmSync(path, { recursive: true, force: true })
  mkdirSync(path, { recursive: true, mode: 0o700 })
}

export async function freshFolder(path: string): Promise<void> {
  await removeFolder(path)
  await mkdir(path, { recursive: true })
}

export function removeFolderSync(path: string): void {
  rmSync(path, { recursive: true, force: true })
}

export async function removeFolder(path: string): Promise<void> {
  await rm(path, { recursive: true, force: true })
}

export function writeSecretSync(path: string, value: string): void {
  writeFileSync(path, value, { mode: 0o600 })
}

/** Writes a file and the folders above it. */
export async function writeScratch(
  path: string,
  content: Uint8Array | AsyncIterable<Uint8Array>,
  executable: boolean,
): Promise<void> {
  await mkdir(dirname(path), { recursive: true })
  if (content instanceof Uint8Array) await writeFile(path, content)
  else await pipeline(content, createWriteStream(path))
  if (executable) await chmod(path, 0o755)
}

/** For small files only: ten thousand promises cost more than the reading. */
export function readScratchSync(path: string): {
  readonly bytes: Uint8Array
  readonly executable: boolean
} {
  const { mode, size } = statSync(path)
  const bytes = size === 0 ? new Uint8Array() : readFileSync(path)
  return { bytes, executable: (mode & 0o100) !== 0 }
}
