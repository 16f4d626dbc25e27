/** Room `segments`: append-only TAR files holding all bytes of a store, and the index over them. */
export { openSegmentStore, removeIndex, type SegmentStoreOptions } from './open-segment-store.ts'
export type { Cut, Damage, RecoveryReport } from './recovery.ts'
export type {
  ApplyRecords,
  ItemLocation,
  NewItem,
  NewStream,
  RecordPosition,
  SegmentStore,
  StoredItem,
} from './types.ts'
