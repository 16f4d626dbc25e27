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
    | 'head missing'
    | 'parent missing'
    | 'provenance missing'
    | 'node missing'
    | 'node damaged'
    | 'item missing'
    | 'size wrong'
    | 'segment damaged'
  /** `repo@id`, a digest, or a segment's key. */
  readonly subject: string
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
  /** Records of the catalog that a checkpoint replaced: one record that gives the same tables. */
  readonly deadRecords: number
  /** What the disk gets back (or would), less what a checkpoint takes. */
  readonly freedBytes: number
  /** What is copied for it, out of segments that hold dead and live members. */
  readonly copiedBytes: number
}
