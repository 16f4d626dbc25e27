/** How a file is opened: `read` and `write` need it to exist, `create` makes it when absent. */
export type OpenMode = 'read' | 'write' | 'create'

export interface DirectoryEntry {
  readonly name: string
  readonly isDirectory: boolean
}

/**
 * The one layer between the store's files and the operating system, so that tests can fail, tear
 * or cut any operation. Synchronous, because a store has one writer and an await per write costs
 * more than the write. Every method throws `DISK_FULL` or `IO_FAILED` naming the path.
 */
export interface FileLayer {
  open(path: string, mode: OpenMode): number
  close(fd: number): void
  /** Reads into the whole of `target` from `position`; answers less only at the end of the file. */
  read(fd: number, target: Uint8Array, position: number): number
  /** Writes all of `bytes` at `position`, or throws. */
  write(fd: number, bytes: Uint8Array, position: number): void
  truncate(fd: number, size: number): void
  /** Makes content and size durable. After a failure the unsynced bytes may be gone: never retry. */
  fsync(fd: number): void
  /**
   * Brings to disk what was written so far, beside the main thread, so that `fsync` has little left
   * to wait for. It promises nothing; after a failure unsynced bytes may be gone, as after `fsync`.
   */
  flush?(fd: number): Promise<void>
  /** Bytes of a file; undefined when there is no such file. */
  size(path: string): number | undefined
  /** Makes one directory; one that exists already is not an error. */
  makeDirectory(path: string): void
  /** Entries in any order; undefined when there is no such directory. */
  readDirectory(path: string): readonly DirectoryEntry[] | undefined
  rename(from: string, to: string): void
  /** Removes a file; one that is gone already is not an error. */
  unlink(path: string): void
  /** Makes creations, renames and removals in a directory durable. */
  syncDirectory(path: string): void
}
