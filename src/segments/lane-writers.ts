import type { ObjectStore } from '../storage/index.ts'
import { LaneWriter } from './lane-writer.ts'
import { metaLane } from './member-name.ts'
import type { SegmentId } from './segment-key.ts'
import type { SegmentTable } from './segment-table.ts'

export interface LaneWritersOptions {
  readonly objects: ObjectStore
  readonly table: SegmentTable
  readonly segmentBytes: number
  readonly bufferBytes: number
}

/** The writers of all lanes, opened when first needed; keeps durable sizes in the segment table. */
export class LaneWriters {
  readonly #options: LaneWritersOptions
  readonly #open = new Map<string, LaneWriter>()

  constructor(options: LaneWritersOptions) {
    this.#options = options
  }

  async get(lane: string): Promise<LaneWriter> {
    const known = this.#open.get(lane)
    if (known !== undefined) return known
    const { objects, segmentBytes, bufferBytes } = this.#options
    const writer = await LaneWriter.open({
      objects,
      segment: { lane, number: this.#nextNumber(lane) },
      segmentBytes,
      bufferBytes,
      onSealed: (segment, size) => this.#noteSealed(segment, size),
    })
    this.#open.set(lane, writer)
    return writer
  }

  isBuffered(segment: SegmentId, offset: number): boolean {
    return this.#open.get(segment.lane)?.isBuffered(segment.number, offset) === true
  }

  async flush(): Promise<void> {
    for (const writer of this.#open.values()) await writer.flush()
  }

  async syncItems(): Promise<void> {
    for (const [lane, writer] of this.#open) if (lane !== metaLane) await writer.sync()
  }

  async syncMeta(): Promise<void> {
    await this.#open.get(metaLane)?.sync()
  }

  /** Takes the durable sizes of all lanes over into the segment table. */
  noteDurable(): void {
    const { table } = this.#options
    for (const writer of this.#open.values()) {
      const row = table.row(writer.segment)
      if (writer.durableSize > row.indexed) table.update({ ...row, indexed: writer.durableSize })
    }
  }

  async close(): Promise<void> {
    for (const writer of this.#open.values()) await writer.close()
  }

  #noteSealed(segment: SegmentId, size: number): void {
    const { table } = this.#options
    table.update({ ...table.row(segment), indexed: size, state: 'sealed' })
  }

  /** Goes on in the last segment of the lane while it is open. */
  #nextNumber(lane: string): number {
    const rows = this.#options.table.all().filter((row) => row.lane === lane)
    const [last] = rows.toSorted((a, b) => b.number - a.number)
    if (last === undefined) return 1
    return last.state === 'open' ? last.number : last.number + 1
  }
}
