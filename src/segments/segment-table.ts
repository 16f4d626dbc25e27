import { invariant } from '../util/index.ts'
import type { Claim } from './claim.ts'
import type { SegmentRow } from './item-index.ts'
import type { SegmentId } from './segment-key.ts'

/** The rows of `segments` in memory, and which of them changed since they were last written. */
export class SegmentTable {
  readonly #byName = new Map<string, SegmentRow>()
  readonly #byId = new Map<number, SegmentRow>()
  readonly #changed = new Set<number>()

  readonly #load: () => readonly SegmentRow[]

  /** `load` is asked again for a segment that a writer in another process began meanwhile. */
  constructor(load: () => readonly SegmentRow[]) {
    this.#load = load
    for (const row of load()) this.#put(row)
  }

  all(): SegmentRow[] {
    return [...this.#byId.values()]
  }

  get(id: number): SegmentRow {
    const row = this.#byId.get(id) ?? this.#reload().get(id)
    invariant(row !== undefined, `no segment has the id ${id}`)
    return row
  }

  find(segment: SegmentId): SegmentRow | undefined {
    return this.#byName.get(nameOf(segment))
  }

  /** The row of a segment, made when it is new. */
  row({ lane, number }: SegmentId): SegmentRow {
    const known = this.find({ lane, number })
    if (known !== undefined) return known
    const id = this.#byId.size + 1
    return this.update({ id, lane, number, indexed: 0, claimed: 0, state: 'open' })
  }

  update(row: SegmentRow): SegmentRow {
    this.#put(row)
    this.#changed.add(row.id)
    return row
  }

  applyClaim(claim: Claim): void {
    for (const { segment, size } of claim.durable) {
      const row = this.row(segment)
      if (size > row.claimed) this.update({ ...row, claimed: size })
    }
    for (const segment of claim.dropped) {
      this.update({ ...this.row(segment), state: 'dropped' })
    }
  }

  changes(): SegmentRow[] {
    return [...this.#changed].map((id) => this.get(id))
  }

  markWritten(): void {
    this.#changed.clear()
  }

  #reload(): ReadonlyMap<number, SegmentRow> {
    for (const row of this.#load()) if (!this.#byId.has(row.id)) this.#put(row)
    return this.#byId
  }

  #put(row: SegmentRow): void {
    this.#byName.set(nameOf(row), row)
    this.#byId.set(row.id, row)
  }
}

function nameOf(segment: SegmentId): string {
  return `${segment.lane}/${segment.number}`
}
