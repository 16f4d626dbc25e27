import { DiskObjects } from './disk.ts'
import { MemoryFiles } from './memory-files.ts'
import type { ObjectStore } from './object-store.ts'

/** Objects that live as long as the process: the disk adapter over files in memory. */
export function memoryObjects(files: MemoryFiles = new MemoryFiles()): ObjectStore {
  return new DiskObjects('/', files)
}
