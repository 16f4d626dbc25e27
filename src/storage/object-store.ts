/**
 * The port to immutable bytes. Keys are relative paths with "/". An object grows by appending and
 * is never rewritten; whoever holds its appender is its only writer.
 *
 * Every method throws a VarveError `IO_FAILED` or `DISK_FULL` naming the key when the system
 * refuses. `read` and `stream` MUST fail rather than answer short. Nothing here retries: after a
 * failed `sync` an appender is unusable for good (every later call throws), because the system may
 * have dropped the bytes it could not write.
 */
export interface ObjectStore {
  /** Opens an object for appending, creating it (durably: its directory entry too) when absent. */
  openAppender(key: string): Promise<Appender>
  /** Exactly `length` bytes from `offset`. */
  read(key: string, offset: number, length: number): Promise<Uint8Array>
  /** Fills `target` from `offset`: `read` for callers that use one buffer again and again. */
  readInto(key: string, target: Uint8Array, offset: number): Promise<void>
  /**
   * Many ranges at once, answered in order; adapters may merge neighbours into one request. The bytes
   * lie in `memory` where it is given, else in memory of their own.
   */
  readMany(ranges: readonly ObjectRange[], memory?: Memory): Promise<readonly Uint8Array[]>
  /** Bytes from `start` up to `end` (default: the end as it is now), in chunks of up to 1 MiB. */
  stream(key: string, start?: number, end?: number): AsyncIterable<Uint8Array>
  /** Bytes of the object, or undefined when there is none. */
  size(key: string): Promise<number | undefined>
  /** Every object below a prefix, ordered by key. */
  list(prefix: string): Promise<readonly ObjectEntry[]>
  /** Removes an object durably; removing what is not there is not an error. */
  delete(key: string): Promise<void>
  /** Lets go of what was opened for reading; appenders are closed by their owner. */
  close(): Promise<void>
}

export interface Appender {
  /** Bytes of the object including what was appended and not yet synced. */
  readonly size: number
  /** Appends all of `bytes` or throws; after a throw `size` is unchanged and the call may be repeated. */
  append(bytes: Uint8Array): Promise<void>
  /** Resolves when everything appended so far survives a power cut. */
  sync(): Promise<void>
  /** Cuts the object back to its valid part: a torn tail, or an append that failed half-way. */
  truncate(size: number): Promise<void>
  close(): Promise<void>
}

/** Answers room for so many bytes. Whoever gives it says how long what is read there may be used. */
export type Memory = (bytes: number) => Uint8Array

export interface ObjectRange {
  readonly key: string
  readonly offset: number
  readonly length: number
}

export interface ObjectEntry {
  readonly key: string
  readonly size: number
}
