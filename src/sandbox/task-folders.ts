import { lstatSync, readdirSync, renameSync, rmSync, unlinkSync } from 'node:fs'
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

  /** Takes back a folder, of whose `pfs` only these names may be left. */
  give(root: string, names: Iterable<string>): void {
    if (restored(root, names)) this.#idle.push(root)
    // One call into the system library; the asynchronous kind takes a promise for every entry.
    else rmSync(root, { recursive: true, force: true })
  }
}

function restored(root: string, names: Iterable<string>): boolean {
  try {
    const pfs = join(root, 'pfs')
    for (const name of names) removeEntry(join(pfs, name))
    return (
      readdirSync(root).sort().join('/') === 'pfs/tmp' &&
      isEmpty(pfs, ownMode) &&
      isEmpty(join(root, 'tmp'), sharedMode)
    )
  } catch {
    return false
  }
}

/** A link is removed, not what it leads to. */
function removeEntry(path: string): void {
  const stats = lstatSync(path, { throwIfNoEntry: false })
  if (stats === undefined) return
  if (stats.isDirectory()) rmSync(path, { recursive: true })
  else unlinkSync(path)
}

const ownMode = 0o700
const sharedMode = 0o1777

/** Also that the command did not take away the right to use it. */
function isEmpty(folder: string, mode: number): boolean {
  const stats = lstatSync(folder)
  return stats.isDirectory() && (stats.mode & mode) === mode && readdirSync(folder).length === 0
}
