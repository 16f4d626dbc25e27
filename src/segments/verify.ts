import type { Digest } from '../model/index.ts'
import type { ObjectStore } from '../storage/index.ts'
import type { IndexedItem, ItemIndex, SegmentRow } from './item-index.ts'
import { parseSegmentKey, segmentKey } from './segment-key.ts'
import { SegmentScanner, type ScannedMember } from './segment-scanner.ts'

export type FindingKind =
  /** A stretch of a segment that holds no readable member. */
  | 'broken-member'
  /** A member whose payload is not what its digest says. */
  | 'wrong-bytes'
  /** A segment that is gone, or shorter than it is known to have been. */
  | 'missing-bytes'
  /** The index disagrees with the segments; `varve reindex` mends it. */
  | 'wrong-index'

export interface Finding {
  readonly kind: FindingKind
  /** Key of the segment, "segments/photos/000001.tar". */
  readonly segment: string
  readonly offset: number
  /** The item at this place, where it is known. */
  readonly digest?: Digest
  readonly what: string
}

export interface VerifyOptions {
  /** Compares the digest of every payload, not only the structure. */
  readonly readData: boolean
  readonly onFinding: (finding: Finding) => void
}

export interface VerifyReport {
  readonly segments: number
  readonly members: number
  readonly bytes: number
  readonly findings: number
}

export interface VerifyParts {
  readonly objects: ObjectStore
  readonly index: ItemIndex
}

/**
 * Checks every segment against itself and against the index, as far as the index knew it at the
 * start: a writer may go on meanwhile. Changes nothing.
 */
export async function verifySegments(
  parts: VerifyParts,
  options: VerifyOptions,
): Promise<VerifyReport> {
  return new Verification(parts, options).run()
}

/** Of a segment that lost its end this many items are named, and the rest counted. */
const mostNamed = 1000

class Verification {
  readonly #parts: VerifyParts
  readonly #options: VerifyOptions
  readonly #segments: readonly SegmentRow[]
  readonly #unseen: Map<number, number>
  #members = 0
  #bytes = 0
  #findings = 0

  constructor(parts: VerifyParts, options: VerifyOptions) {
    this.#parts = parts
    this.#options = options
    const { segments, items } = parts.index.census()
    this.#segments = segments
    this.#unseen = items
  }

  async run(): Promise<VerifyReport> {
    const { objects } = this.#parts
    const files = (await objects.list('segments/')).filter(({ key }) => parseSegmentKey(key))
    const sizes = new Map(files.map(({ key, size }) => [key, size]))
    const rows = this.#segments.filter((row) => row.state !== 'dropped')
    for (const row of rows) await this.#segment(row, sizes.get(segmentKey(row)))
    for (const row of this.#segments) {
      const count = this.#unseen.get(row.id) ?? 0
      const what = `${count} items of the index are not there`
      if (count > 0)
        this.#report({ kind: 'wrong-index', segment: segmentKey(row), offset: 0, what })
    }
    return {
      segments: rows.length,
      members: this.#members,
      bytes: this.#bytes,
      findings: this.#findings,
    }
  }

  async #segment(row: SegmentRow, size: number | undefined): Promise<void> {
    const segment = segmentKey(row)
    const expected = Math.max(row.indexed, row.claimed)
    if ((size ?? 0) < expected) this.#gone(row, size)
    if (size === undefined) return
    const scanner = new SegmentScanner(this.#parts.objects, segment, {
      from: 0,
      to: Math.min(size, expected),
      checkFrom: this.#options.readData ? 0 : Infinity,
    })
    let resumed = 0
    do {
      for (let batch = await scanner.next(); batch; batch = await scanner.next()) {
        const first = batch[0]?.start ?? resumed
        if (resumed > 0 && first > resumed) this.#lost(row, resumed, first)
        resumed = 0
        this.#check(row, batch)
      }
      if (scanner.stop?.kind !== 'fault') continue
      const { at: offset, reason } = scanner.stop
      this.#report({ kind: 'broken-member', segment, offset, what: reason })
      resumed = offset
    } while (await scanner.resync())
    if (resumed > 0) this.#lost(row, resumed, size, size)
  }

  /** What is known to have been there; an item that begins before the end is lost as well. */
  #gone(row: SegmentRow, size: number | undefined): void {
    const { index } = this.#parts
    const from = size ?? 0
    const lost = index.countFrom(row.id, from)
    const bytes = Math.max(row.indexed, row.claimed) - from
    const gone = size === undefined ? 'the file is missing' : `${bytes} bytes at the end are gone`
    const what = `${gone}; ${lost} ${lost === 1 ? 'item is' : 'items are'} lost with them`
    this.#report({ kind: 'missing-bytes', segment: segmentKey(row), offset: from, what })
    for (const { digest, offset } of index.itemsFrom(row.id, from, mostNamed)) {
      const segment = segmentKey(row)
      this.#report({ kind: 'missing-bytes', segment, offset, digest, what: 'the item is lost' })
    }
    this.#unseen.set(row.id, (this.#unseen.get(row.id) ?? 0) - lost)
  }

  #check(row: SegmentRow, members: readonly ScannedMember[]): void {
    const segment = segmentKey(row)
    this.#members += members.length
    const items = members.filter(({ name }) => name.kind === 'item')
    const places = this.#parts.index.find(items.map(({ digest }) => digest))
    for (const { digest, offset, length, intact } of members) {
      this.#bytes += length
      if (intact) continue
      const what = 'the bytes have another digest'
      this.#report({ kind: 'wrong-bytes', segment, offset, digest, what })
    }
    for (const { digest, offset, length } of items) {
      const place = places.get(digest)
      if (place?.segment === row.id && place.offset === offset && place.length === length) {
        this.#unseen.set(row.id, (this.#unseen.get(row.id) ?? 0) - 1)
      } else if (place === undefined) {
        const what = 'the index does not know this item'
        this.#report({ kind: 'wrong-index', segment, offset, digest, what })
      }
    }
  }

  /** Names the items that lay in a stretch no member could be read from, and ended in the file. */
  #lost(row: SegmentRow, from: number, to: number, end = Infinity): void {
    const within: IndexedItem[] = this.#parts.index.itemsWithin(row.id, from, to)
    const lost = within.filter(({ offset, length }) => offset + length <= end)
    for (const { digest, offset } of lost) {
      const segment = segmentKey(row)
      this.#report({ kind: 'broken-member', segment, offset, digest, what: 'the item is lost' })
    }
    this.#unseen.set(row.id, (this.#unseen.get(row.id) ?? 0) - lost.length)
  }

  #report(finding: Finding): void {
    this.#findings++
    this.#options.onFinding(finding)
  }
}
