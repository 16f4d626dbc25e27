import { lstatSync, readdirSync, renameSync, rmSync, unlinkSync } from 'node:fs'
import { rmdir } from 'node:fs/promises'
import { join } from 'node:path'
import { makeOut, makeTaskFolder } from './task-folder.ts'

/**
 * Folders of tasks, one number each. What a task leaves as it found it is renamed for a later one:
 * on a file system with a journal that costs half of making and removing it. A name never comes
 * twice, and `/pfs/out` and the inputs are new folders every time, so that a process that outlives
 * its command finds nothing where it used to write.
 */
export class TaskFolders {
  readonly #parent: string
  readonly #idle: string[] = []
  #made = 0

  constructor(parent: string) {
    this.#parent = parent
  }

  /** A folder as `makeTaskFolder` makes it. */
  take(): string {
    const root = this.next()
    const idle = this.#idle.pop()
    if (idle === undefined) makeTaskFolder(root)
    else {
      renameSync(idle, root)
      makeOut(root)
    }
    return root
  }

  /** A path where nothing is yet. */
  next(): string {
    this.#made += 1
    return join(this.#parent, String(this.#made))
  }

  /** Takes back a folder, of whose `pfs` only these names may be left; resolves when they are gone. */
  async give(root: string, names: Iterable<string>): Promise<void> {
    if (await restored(root, names)) this.#idle.push(root)
    // One call into the system library; the asynchronous kind takes a promise for every entry.
    else rmSync(root, { recursive: true, force: true })
  }
}

async function restored(root: string, names: Iterable<string>): Promise<boolean> {
  try {
    const pfs = join(root, 'pfs')
    await Promise.all(Array.from(names, (name) => removeEntry(join(pfs, name))))
    return (
      readdirSync(root).sort().join('/') === 'pfs/tmp' &&
      isEmpty(pfs, ownMode) &&
      isEmpty(join(root, 'tmp'), sharedMode)
    )
  } catch {
    return false
  }
}

/**
 * A link is removed, not what it leads to. The folder itself goes beside the main thread: its block
 * is given back to the disk, and that may take milliseconds.
 */
async function removeEntry(path: string): Promise<void> {
  const stats = lstatSync(path, { throwIfNoEntry: false })
  if (stats === undefined) return
  if (!stats.isDirectory()) return unlinkSync(path)
  for (const entry of readdirSync(path, { withFileTypes: true })) {
    const child = join(path, entry.name)
    if (entry.isDirectory()) rmSync(child, { recursive: true })
    else unlinkSync(child)
  }
  await rmdir(path)
}

const ownMode = 0o700
const sharedMode = 0o1777

/** Also that the command did not take away the right to use it. */
function isEmpty(folder: string, mode: number): boolean {
  const stats = lstatSync(folder)
  return stats.isDirectory() && (stats.mode & mode) === mode && readdirSync(folder).length === 0
}
