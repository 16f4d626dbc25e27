import type { ObjectRange } from './object-store.ts'

/** Two ranges closer than this are cheaper to read as one, bytes between them included. */
const gapBytes = 8 << 10
const mergedBytes = 4 << 20

type ReadRange = (key: string, offset: number, length: number) => Uint8Array

/**
 * Reads ranges in the order of the disk, neighbours in one request, and answers in the order asked.
 * An answer may be a view of a larger read.
 */
export function readRanges(ranges: readonly ObjectRange[], read: ReadRange): Uint8Array[] {
  const order = ranges.map((range, place) => ({ range, place })).toSorted(byPlaceOnDisk)
  const answers = Array.from<Uint8Array>({ length: ranges.length })
  for (let first = 0; first < order.length;) {
    const { group, key, start, end } = neighbours(order, first)
    const bytes = read(key, start, end - start)
    for (const { range, place } of group) {
      answers[place] = bytes.subarray(range.offset - start, range.offset - start + range.length)
    }
    first += group.length
  }
  return answers
}

interface Asked {
  readonly range: ObjectRange
  readonly place: number
}

function byPlaceOnDisk(a: Asked, b: Asked): number {
  if (a.range.key !== b.range.key) return a.range.key < b.range.key ? -1 : 1
  return a.range.offset - b.range.offset
}

/** The longest run from `first` on that is worth one read. */
function neighbours(order: readonly Asked[], first: number) {
  const { key = '', offset: start = 0, length = 0 } = order[first]?.range ?? {}
  let end = start + length
  let next = first + 1
  for (; next < order.length; next++) {
    const range = order[next]?.range
    if (range === undefined || range.key !== key || range.offset > end + gapBytes) break
    if (range.offset + range.length - start > mergedBytes) break
    end = Math.max(end, range.offset + range.length)
  }
  return { group: order.slice(first, next), key, start, end }
}
