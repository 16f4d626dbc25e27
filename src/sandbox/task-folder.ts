import { chmodSync, constants, copyFileSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { invariant } from '../util/index.ts'
import type { TaskInput } from './types.ts'

/** Makes the folders of one task: `pfs/out`, a private `tmp`. Synchronous: two quick calls. */
export function makeTaskFolder(root: string): void {
  mkdirSync(join(root, 'pfs'), { recursive: true })
  const tmp = join(root, 'tmp')
  mkdirSync(tmp)
  chmodSync(tmp, 0o1777)
}

/**
 * Writes inputs below `root/pfs`. A prepared folder is shown where it is: linked (plain mode) or
 * given a mount point (`links` false).
 */
export async function writeInputs(
  root: string,
  inputs: readonly TaskInput[],
  links: boolean,
): Promise<ReadonlyMap<string, string>> {
  const inputDirs = new Map<string, string>()
  for (const input of inputs) {
    invariant(input.name !== 'out' && !input.name.includes('/'), `input name ${input.name}`)
    const dir = join(root, 'pfs', input.name)
    if ('files' in input) await writeFiles(dir, input.files)
    else {
      inputDirs.set(input.name, input.dir)
      if (links) symlinkSync(input.dir, dir)
      else mkdirSync(dir)
    }
  }
  return inputDirs
}

async function writeFiles(
  dir: string,
  files: Extract<TaskInput, { files: unknown }>['files'],
): Promise<void> {
  const made = new Set<string>([dir])
  mkdirSync(dir, { recursive: true })
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
