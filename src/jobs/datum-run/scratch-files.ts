import { createWriteStream, mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { chmod, mkdir, readFile, rm, stat, writeFile } from 'node:fs/promises'
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

export async function readScratch(
  path: string,
): Promise<{ readonly bytes: Uint8Array; readonly executable: boolean }> {
  const [bytes, { mode }] = await Promise.all([readFile(path), stat(path)])
  return { bytes, executable: (mode & 0o100) !== 0 }
}
