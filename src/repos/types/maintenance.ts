import type { Digest } from '../../model/index.ts'

export interface Maintenance {
  /** Walks refs, commits, trees and items; with `readData` every byte is hashed. Changes nothing. */
  fsck(options?: { readData?: boolean }): Promise<FsckReport>
  /** Empties the catalog tables and replays every record. The item index is rebuilt by segments. */
  reindex(): Promise<{ readonly records: number }>
  gc(options?: { dryRun?: boolean }): Promise<GcReport>
}

export interface FsckFault {
  readonly kind:
    /** The catalog's tables are not what the records give; `varve reindex` mends it. */
    | 'catalog wrong'
    /** A change that cannot be read. What it did may still be in the tables. */
    | 'record damaged'
    /** Changes that only the tables knew of: no segment holds them. */
    | 'record missing'
    | 'head missing'
    | 'parent missing'
    | 'provenance missing'
    | 'node missing'
    | 'node damaged'
    | 'item missing'
    | 'size wrong'
    | 'segment damaged'
    /** The item index disagrees with the segments; `varve reindex` mends it. */
    | 'index wrong'
  /** `repo@id`, a digest, or a segment's key. */
  readonly subject: string
  /** The item that is wrong or lost, where one is; `what` then names a file that needs it. */
  readonly item?: Digest
  readonly what: string
}

export interface FsckReport {
  readonly faults: readonly FsckFault[]
  readonly commits: number
  readonly nodes: number
  /** Items that commits name, each once. */
  readonly items: number
  readonly bytes: number
}

export interface GcReport {
  readonly dryRun: boolean
  readonly liveItems: number
  readonly liveBytes: number
  /** Members nothing names any more, tree nodes included. */
  readonly deadItems: number
  /** Records of the catalog that a checkpoint replaced: fewer bytes that give the same tables. */
  readonly deadRecords: number
  /** What the disk gets back (or would), less what a checkpoint takes. */
  readonly freedBytes: number
  /** What is copied for it, out of segments that hold dead and live members. */
  readonly copiedBytes: number
}
