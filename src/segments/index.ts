/** Room `segments`: append-only TAR files holding all bytes of a store, and the index over them. */
export type { CompactOptions, CompactReport, NewCheckpoint } from './compaction.ts'
export { checkItemIndex } from './item-index.ts'
export type { LaneItem } from './lane-reader.ts'
export { openSegmentStore, type SegmentStoreOptions } from './open-segment-store.ts'
export type { Cut, Damage, RecoveryReport } from './recovery.ts'
export type { RecordPosition } from './record-position.ts'
export type { RepairOptions, RepairReport } from './repair.ts'
export { paxRecord, writeHeaderBlock } from './tar/header-block.ts'
export { blockBytes, octalSizeLimit, paddedLength, sealBytes } from './tar/layout.ts'
export type {
  ApplyRecords,
  DamagedRecord,
  ItemLocation,
  NewItem,
  NewStream,
  ReadOptions,
  RecordOptions,
  SegmentStore,
  StoredItem,
} from './types.ts'
export type { Finding, FindingKind, VerifyOptions, VerifyReport } from './verify.ts'
export { WriterLock, type LockOwner } from './writer-lock.ts'

/** Mending a damaged store. Loaded on demand. */
export async function loadRepair() {
  return import('./repair.ts')
}
