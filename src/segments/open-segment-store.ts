import { renameSync, rmSync } from 'node:fs'
import { isVarveError, VarveError } from '../model/index.ts'
import { systemClock, type Clock } from '../util/index.ts'
import type { ObjectStore } from '../storage/index.ts'
import { asIndexError } from './index-error.ts'
import { ItemIndex } from './item-index.ts'
import { ReadOnlyStore } from './read-only-store.ts'
import type { RecoveryOptions, RecoveryReport } from './recovery.ts'
import { metaLane } from './member-name.ts'
import { parseSegmentKey, segmentKey } from './segment-key.ts'
import type { StoreParts } from './segment-store.ts'
import { SegmentTable } from './segment-table.ts'
import type { SegmentStore } from './types.ts'
import { isWriterAlive, WriterLock } from './writer-lock.ts'

export interface SegmentStoreOptions {
  readonly objects: ObjectStore
  /** The index file; ":memory:" keeps the index for the life of the process. */
  readonly indexPath: string
  readonly mode: 'read' | 'write'
  /** Where the writer lock lies; without it nothing is locked (a store in memory). */
  readonly lockDirectory?: string
  /** Tells others who want the lock that it will soon be free; see `LockOwner`. */
  readonly givesWay?: boolean
  /**
   * A writer rebuilds the index from the segments alone first. Where they hold less than the index
   * knew that is damage like any other, and the index stays.
   */
  readonly rebuildIndex?: boolean
  /** Hears, in a sentence, that a damaged index was set aside. */
  readonly notice?: (what: string) => void
  readonly clock?: Clock
  /** Segments are sealed at this size: 1 GiB. */
  readonly segmentBytes?: number
  /** What a lane collects in memory before it writes: 1 MiB. */
  readonly bufferBytes?: number
}

const inMemory = ':memory:'

/**
 * Opens the bytes of a store and brings index and segments in step first: a torn tail is cut back,
 * bytes the index does not know are read. A writer gets `STORE_LOCKED` when there is another one and
 * `STORE_DAMAGED` when bytes known to be durable are wrong; a reader goes on with what is whole.
 */
export async function openSegmentStore(
  options: SegmentStoreOptions,
): Promise<SegmentStore & { readonly recovery: RecoveryReport }> {
  const clock = options.clock ?? systemClock
  const needsLock = options.mode === 'write' && options.lockDirectory !== undefined
  const lock = needsLock
    ? WriterLock.take(options.lockDirectory ?? '', clock, options.givesWay)
    : undefined
  let index: ItemIndex | undefined
  try {
    if (options.rebuildIndex === true) await rebuildIndex(options)
    const opened = await openInStep(options)
    index = opened
    const table = new SegmentTable(() => opened.segments())
    const { objects, mode } = options
    const isCurrent = mode === 'read' && index.path !== inMemory
    const recovery = isCurrent
      ? { damage: [], cuts: [], firstRecord: index.firstSequence() }
      : await recovered({ objects, index, table, mode })
    if (mode === 'write' && recovery.damage.length > 0) throw damaged(recovery)
    const store = await storeOver({
      objects,
      index,
      indexPath: index.path,
      table,
      mode,
      clock,
      segmentBytes: options.segmentBytes ?? 1 << 30,
      bufferBytes: options.bufferBytes ?? 1 << 20,
      release: () => lock?.release(),
    })
    return Object.assign(store, { recovery })
  } catch (error) {
    index?.close()
    lock?.release()
    throw asIndexError(options.indexPath, error)
  }
}

async function recovered(options: RecoveryOptions): Promise<RecoveryReport> {
  const { recover } = await import('./recovery.ts')
  return recover(options)
}

async function storeOver(parts: StoreParts): Promise<SegmentStore> {
  if (parts.mode === 'read') return new ReadOnlyStore(parts)
  const { OpenSegmentStore } = await import('./segment-store.ts')
  return new OpenSegmentStore(parts)
}

/** The new index takes the place of the old one when it is whole. */
async function rebuildIndex({ objects, indexPath }: SegmentStoreOptions): Promise<void> {
  if (indexPath === inMemory) return
  const { readEarlierIndex } = await import('./earlier-index.ts')
  const building = `${indexPath}.new`
  removeIndex(building)
  const index = ItemIndex.open(building, 'write')
  try {
    const table = new SegmentTable(() => index.segments())
    const earlier = readEarlierIndex(indexPath)
    const recovery = await recovered({ objects, index, table, mode: 'write', earlier })
    if (recovery.damage.length > 0) throw damaged(recovery)
  } catch (error) {
    index.close()
    removeIndex(building)
    throw error
  }
  index.close()
  removeIndex(indexPath)
  renameSync(building, indexPath)
}

/** A reader goes on without an index that turns out to be damaged. */
async function openInStep(options: SegmentStoreOptions): Promise<ItemIndex> {
  const index = openIndex(options)
  try {
    return await inStep(options, index)
  } catch (error) {
    index.close()
    const isUseless = isVarveError(asIndexError(options.indexPath, error), 'STORE_DAMAGED')
    if (options.mode === 'write' || !isUseless) throw error
    return ItemIndex.open(inMemory, 'write')
  }
}

/** A writer rebuilds a damaged index; a reader without a good one builds its own in memory. */
function openIndex({ indexPath, mode, notice }: SegmentStoreOptions): ItemIndex {
  if (indexPath === inMemory) return ItemIndex.open(inMemory, 'write')
  try {
    return ItemIndex.open(indexPath, mode)
  } catch (error) {
    if (mode === 'read' && !isVarveError(error, 'FORMAT_TOO_NEW'))
      return ItemIndex.open(inMemory, 'write')
    if (!isVarveError(error, 'STORE_DAMAGED')) throw error
    setAside(indexPath)
    notice?.(
      `The index ${indexPath} was damaged; it is rebuilt from the segments, nothing is lost.`,
    )
    return ItemIndex.open(indexPath, mode)
  }
}

/**
 * A reader's index must hold every acknowledged record. A power cut may have taken the last
 * transactions of the file, which no writer has mended yet: then the reader mends a copy in memory.
 */
async function inStep(options: SegmentStoreOptions, index: ItemIndex): Promise<ItemIndex> {
  const { objects, mode, lockDirectory } = options
  if (mode === 'write' || index.path === inMemory) return index
  const table = new SegmentTable(() => index.segments())
  // A writer at work appends before it publishes, and acknowledges only then.
  const isWorkedOn = () => lockDirectory !== undefined && isWriterAlive(lockDirectory)
  if (isWorkedOn()) return index
  for (const { key, size } of await objects.list('segments/')) {
    const segment = parseSegmentKey(key)
    if (segment?.lane !== metaLane) continue
    const row = table.find(segment)
    if (row?.state === 'dropped' || row?.indexed === size) continue
    // It may have begun since: a copy would never learn of what it publishes.
    if (isWorkedOn()) return index
    const copy = ItemIndex.copyInMemory(options.indexPath)
    index.close()
    return copy
  }
  return index
}

/** Removes the index; the next writer that opens the store rebuilds it from the segments. */
export function removeIndex(indexPath: string): void {
  if (indexPath === inMemory) return
  for (const suffix of ['', '-wal', '-shm']) rmSync(indexPath + suffix, { force: true })
}

function setAside(indexPath: string): void {
  renameSync(indexPath, `${indexPath}.damaged`)
  removeIndex(indexPath)
}

function damaged({ damage }: RecoveryReport): VarveError {
  const lines = damage.map(({ segment, offset, reason }) =>
    segment.number > 0
      ? `${segmentKey(segment)} at ${offset}: ${reason}`
      : `segments/${segment.lane}: ${reason}`,
  )
  return new VarveError('STORE_DAMAGED', {
    what: `Bytes that were stored are damaged: ${lines.join('; ')}.`,
    data: { damage },
  })
}
