/** Room `segments`: append-only TAR files holding all bytes of a store, and the index over them. */
export type { CompactOptions, CompactReport } from './compaction.ts'
/** @public for readers of whole lanes, such as benches and exports */
export { readLane, type LaneItem } from './lane-reader.ts'
export { openSegmentStore, type SegmentStoreOptions } from './open-segment-store.ts'
export type { Cut, Damage, RecoveryReport } from './recovery.ts'
export type { RecordPosition } from './record-position.ts'
export { repairSegments, type RepairOptions, type RepairReport } from './repair.ts'
export { paxRecord, writeHeaderBlock } from './tar/header-block.ts'
export { blockBytes, octalSizeLimit, paddedLength, sealBytes } from './tar/layout.ts'
export type {
  ApplyRecords,
  ItemLocation,
  NewItem,
  NewStream,
  ReadOptions,
  SegmentStore,
  StoredItem,
} from './types.ts'
export type { Finding, FindingKind, VerifyOptions, VerifyReport } from './verify.ts'
export type { LockOwner } from './writer-lock.ts'
