import { readdirSync, statSync, type Stats } from 'node:fs'
import { join } from 'node:path'
import { fileFault } from './file-fault.ts'
import type { PartRecord, RecordedFile } from './journal.ts'

export const isFolder = (name: string): boolean => name.endsWith('/')

/**
 * Size of a file, or number and sizes of all files below a folder; undefined when it is not there.
 * Synchronous: a folder may hold a hundred thousand files, and a promise for each costs more than
 * the look at it.
 */
export function measure(target: string, name: string): RecordedFile | undefined {
  const path = join(target, name)
  const found = statOf(path)
  if (found === undefined || found.isDirectory() !== isFolder(name)) return undefined
  if (!found.isDirectory()) return { name, size: found.size }
  const files = filesBelow(path)
  const size = files.reduce((sum, file) => sum + (statOf(join(path, file))?.size ?? 0), 0)
  return { name, size, count: files.length }
}

/** Whether all files of a part lie there with the sizes they were written with. */
export function isWhole(target: string, part: PartRecord): boolean {
  return part.files.every(({ name, size, count }) => {
    const found = measure(target, name)
    return found?.size === size && found.count === count
  })
}

/** Paths below a folder, of everything that is no folder. */
export function filesBelow(folder: string): string[] {
  if (statOf(folder) === undefined) return []
  try {
    return walk(folder, '')
  } catch (error) {
    throw fileFault(error, 'list', folder)
  }
}

function walk(folder: string, prefix: string): string[] {
  return readdirSync(join(folder, prefix), { withFileTypes: true }).flatMap((entry) => {
    const path = prefix + entry.name
    return entry.isDirectory() ? walk(folder, `${path}/`) : [path]
  })
}

export function statOf(path: string): Stats | undefined {
  try {
    return statSync(path, { throwIfNoEntry: false })
  } catch (error) {
    throw fileFault(error, 'look at', path)
  }
}
