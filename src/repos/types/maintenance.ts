export interface Maintenance {
  /** Walks refs, commits, trees and items; with `readData` every byte is hashed. Changes nothing. */
  fsck(options?: { readData?: boolean }): Promise<FsckReport>
  /** Empties the catalog tables and replays every record. The item index is rebuilt by segments. */
  reindex(): Promise<{ readonly records: number }>
  gc(options?: { dryRun?: boolean }): Promise<GcReport>
}

export interface FsckFault {
  readonly kind:
    | 'head missing'
    | 'parent missing'
    | 'provenance missing'
    | 'node missing'
    | 'node damaged'
    | 'item missing'
    | 'item damaged'
    | 'size wrong'
    | 'segment damaged'
  readonly subject: string
  readonly what: string
}

export interface FsckReport {
  readonly faults: readonly FsckFault[]
  readonly commits: number
  readonly nodes: number
  readonly items: number
  readonly bytes: number
}

export interface GcReport {
  readonly dryRun: boolean
  readonly liveItems: number
  readonly liveBytes: number
  readonly deadItems: number
  readonly deadBytes: number
  /** Bytes given back to the disk (or that would be). */
  readonly freedBytes: number
}
