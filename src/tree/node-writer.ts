import {
  commonLength,
  entryStart,
  keyBytes,
  payloadStart,
  suffixLength,
  suffixStart,
  type Entries,
} from './entries.ts'
import { FORMAT_ID, HEADER_BYTES } from './node-format.ts'
import { varintLength, writeVarint } from './varint.ts'

/** Some neighbouring entries of one source: `[from, to)`. A node is written from such runs. */
export interface EntryRun {
  readonly entries: Entries
  readonly from: number
  readonly to: number
}

/** Bytes of the node that holds these runs, in order. docs/format/tree.md has the grammar. */
export function encodeNode(level: number, runs: readonly EntryRun[]): Buffer {
  const prefix = sharedPrefix(runs)
  let count = 0
  let room = 0
  for (const run of runs) {
    count += run.to - run.from
    room += encodedRoom(run, prefix.length)
  }
  const body = HEADER_BYTES + 4 * count + prefix.length
  const bytes = Buffer.allocUnsafeSlow(body + room)
  bytes.write(FORMAT_ID, 'latin1')
  bytes[3] = level
  bytes.writeUInt32LE(count, 4)
  bytes.writeUInt32LE(prefix.length, 8)
  bytes.set(prefix, HEADER_BYTES + 4 * count)
  const place = { bytes, base: body, offsetAt: HEADER_BYTES, at: body }
  for (const run of runs) {
    if (run.entries.prefix.length === prefix.length) copyRun(run, place)
    else rewriteRun(run, prefix.length, place)
  }
  return bytes
}

interface Place {
  readonly bytes: Buffer
  /** Where the first entry starts: offsets count from here. */
  readonly base: number
  offsetAt: number
  at: number
}

function sharedPrefix(runs: readonly EntryRun[]): Buffer {
  const first = runs[0]
  const last = runs.at(-1)
  if (first === undefined || last === undefined) return Buffer.alloc(0)
  const firstKey = keyBytes(first.entries, first.from)
  const lastKey = keyBytes(last.entries, last.to - 1)
  return firstKey.subarray(0, commonLength(firstKey, lastKey))
}

function encodedRoom({ entries, from, to }: EntryRun, prefixLength: number): number {
  const room = entryStart(entries, to) - entryStart(entries, from)
  const longer = entries.prefix.length - prefixLength
  if (longer === 0) return room
  let change = 0
  for (let i = from; i < to; i++) {
    const length = suffixLength(entries, i)
    change += longer + varintLength(length + longer) - varintLength(length)
  }
  return room + change
}

/** Same prefix as the source: the entries are the same bytes, only their offsets move. */
function copyRun({ entries, from, to }: EntryRun, place: Place): void {
  const start = entryStart(entries, from)
  const end = entryStart(entries, to)
  entries.bytes.copy(place.bytes, place.at, start, end)
  const shift = place.at - place.base - start
  for (let i = from; i < to; i++) pushOffset(place, entryStart(entries, i) + shift)
  place.at += end - start
}

function rewriteRun({ entries, from, to }: EntryRun, prefixLength: number, place: Place): void {
  const { bytes } = place
  const { prefix } = entries
  for (let i = from; i < to; i++) {
    pushOffset(place, place.at - place.base)
    const length = suffixLength(entries, i)
    let at = writeVarint(bytes, place.at, length + prefix.length - prefixLength)
    for (let k = prefixLength; k < prefix.length; k++) bytes[at++] = prefix[k] ?? 0
    const skipped = Math.max(prefixLength - prefix.length, 0)
    let from = suffixStart(entries, i) + skipped
    const keyEnd = payloadStart(entries, i)
    while (from < keyEnd) bytes[at++] = entries.bytes[from++] ?? 0
    const end = entryStart(entries, i + 1)
    entries.bytes.copy(bytes, at, keyEnd, end)
    place.at = at + end - keyEnd
  }
}

function pushOffset(place: Place, offset: number): void {
  const { bytes, offsetAt } = place
  bytes[offsetAt] = offset
  bytes[offsetAt + 1] = offset >>> 8
  bytes[offsetAt + 2] = offset >>> 16
  bytes[offsetAt + 3] = offset >>> 24
  place.offsetAt += 4
}
