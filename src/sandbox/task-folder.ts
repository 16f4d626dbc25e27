import { chmodSync, constants, copyFileSync, cpSync, mkdirSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { invariant } from '../util/index.ts'
import type { TaskInput } from './types.ts'

/** Makes the folders of one task: `pfs` with `out`, a private `tmp`. Synchronous: a few quick calls. */
export function makeTaskFolder(root: string): void {
  mkdirSync(root)
  mkdirSync(join(root, 'pfs'))
  makeOut(root)
  const tmp = join(root, 'tmp')
  mkdirSync(tmp)
  chmodSync(tmp, 0o1777)
}

/** Makes the folder behind `/pfs/out`, readable by this user alone. */
export function makeOut(root: string): void {
  mkdirSync(outOf(root), { mode: 0o700 })
}

/** The folder behind `/pfs/out`. */
export function outOf(root: string): string {
  return join(root, 'pfs', 'out')
}

/**
 * Writes inputs below `root/pfs`. A prepared folder gets a mount point where there are read-only
 * mounts. Elsewhere it is copied: others are shown the same folder, and nothing would keep the
 * command from changing what they see.
 */
export async function writeInputs(
  root: string,
  inputs: readonly TaskInput[],
  mounts: boolean,
): Promise<ReadonlyMap<string, string>> {
  const inputDirs = new Map<string, string>()
  for (const input of inputs) {
    invariant(input.name !== 'out' && !input.name.includes('/'), `input name ${input.name}`)
    const dir = join(root, 'pfs', input.name)
    if ('files' in input) await writeFiles(dir, input.files)
    else if (mounts) {
      inputDirs.set(input.name, input.dir)
      mkdirSync(dir)
    } else copyFolder(input.dir, dir)
  }
  return inputDirs
}

/** A copy of its own; links are followed, blocks are shared where the file system can. */
export function copyFolder(from: string, to: string): void {
  cpSync(from, to, { recursive: true, dereference: true, mode: constants.COPYFILE_FICLONE })
}

async function writeFiles(
  dir: string,
  files: Extract<TaskInput, { files: unknown }>['files'],
): Promise<void> {
  const made = new Set<string>([dir])
  mkdirSync(dir)
  for (const { path, content } of files) {
    const target = join(dir, path)
    const parent = dirname(target)
    if (!made.has(parent)) mkdirSync(parent, { recursive: true })
    made.add(parent)
    if (content instanceof Uint8Array) writeFileSync(target, content)
    else if (typeof content === 'function') await content(target)
    else copyFileSync(content.hostFile, target, constants.COPYFILE_FICLONE)
  }
}
