/** Room `storage`: immutable bytes that grow by appending, and the only files the store touches. */
export { DiskObjects } from './disk.ts'
export type { DirectoryEntry, FileLayer, OpenMode } from './file-layer.ts'
export { MemoryFiles } from './memory-files.ts'
export { memoryObjects } from './memory.ts'
export type { Appender, Memory, ObjectEntry, ObjectRange, ObjectStore } from './object-store.ts'
export { isSyncFailure } from './sync-failure.ts'
