import type { Digest } from '../../model/index.ts'
import { blockBytes, checksumOffset } from './layout.ts'

export type HeaderBlock =
  | {
      readonly kind: 'member'
      readonly type: 'file' | 'pax'
      readonly name: string
      readonly size: number
      /** What `linkname` holds; empty in archives of other writers. */
      readonly link: string
      readonly mtime: number
    }
  | { readonly kind: 'zero' }
  | { readonly kind: 'invalid'; readonly reason: string }

/**
 * Bytes of payload behind a regular file's header at `offset`, a multiple of 4; -1 when a valid one is
 * not there. What `readHeader` says, for walks that need no more: it makes no object.
 * @param words the same bytes as `block`, from its start
 */
export function fileSize(block: Buffer, words: Uint32Array, offset: number): number {
  const sum = wordSum(words, offset >> 2)
  const isFile = block[offset + 156] === 0x30
  if (!isFile || !hasMagic(block, offset + 257)) return -1
  if (!hasChecksum(block, offset + checksumOffset, sum)) return -1
  return octal(block, offset + 124, 12) ?? -1
}

export function headerName(block: Buffer, offset: number): string {
  return text(block, offset, 100)
}

/** The digest of an item's payload, from a header known to be whole and ours. */
export function headerDigest(block: Buffer, offset: number): Digest {
  return block.toString('latin1', offset + 157, offset + 157 + 64) as Digest
}

/** Reads the 512 bytes at `offset`. Never throws: what is no header of a segment is `invalid`. */
export function readHeader(block: Buffer, offset: number): HeaderBlock {
  const sum = blockSum(block, offset)
  if (sum === 0) return { kind: 'zero' }
  if (!hasMagic(block, offset + 257)) return invalid('no ustar magic')
  if (!hasChecksum(block, offset + checksumOffset, sum)) return invalid('wrong checksum')
  const size = octal(block, offset + 124, 12)
  const mtime = octal(block, offset + 136, 12)
  if (size === undefined || mtime === undefined) return invalid('a size or time is not a number')
  const type = block[offset + 156]
  if (type !== 0x30 && type !== 0x78) return invalid('not a regular file')
  return {
    kind: 'member',
    type: type === 0x30 ? 'file' : 'pax',
    name: text(block, offset, 100),
    size,
    link: text(block, offset + 157, 100),
    mtime,
  }
}

/** The `size` of a PAX record block, or undefined when it has none that is a whole number. */
export function paxSize(records: Buffer): number | undefined {
  const found = /(?:^|\n)\d+ size=(\d{1,16})\n/.exec(records.toString('latin1'))
  const size = Number(found?.[1])
  return Number.isSafeInteger(size) ? size : undefined
}

function invalid(reason: string): HeaderBlock {
  return { kind: 'invalid', reason }
}

function blockSum(block: Buffer, offset: number): number {
  const start = block.byteOffset + offset
  if ((start & 3) !== 0) return sumOf(block, offset, offset + blockBytes)
  return wordSum(new Uint32Array(block.buffer, start, blockBytes / 4), 0)
}

/** Sum of all 512 bytes, four at a time: the hot spot of every walk over a segment. */
function wordSum(words: Uint32Array, first: number): number {
  let pairs = 0
  // Two sums of 256 bytes each side by side; neither can overflow its 16 bits.
  for (let i = first, end = first + blockBytes / 4; i < end; i++) {
    const word = words[i] ?? 0
    pairs += (word & 0xff00ff) + ((word >>> 8) & 0xff00ff)
  }
  return (pairs >>> 16) + (pairs & 0xffff)
}

function hasMagic(block: Buffer, at: number): boolean {
  // "ustar" byte by byte: decoding a string costs more than the rest of the header.
  return (
    block[at] === 0x75 &&
    block[at + 1] === 0x73 &&
    block[at + 2] === 0x74 &&
    block[at + 3] === 0x61 &&
    block[at + 4] === 0x72
  )
}

function sumOf(block: Buffer, start: number, end: number): number {
  let sum = 0
  for (let i = start; i < end; i++) sum += block[i] ?? 0
  return sum
}

/**
 * Whether the checksum is there exactly as our writer puts it, byte for byte: every flipped bit of
 * a header must be noticed, those in the checksum's own padding too.
 */
function hasChecksum(block: Buffer, at: number, sumOfAll: number): boolean {
  const sum = sumOfAll - sumOf(block, at, at + 8) + 8 * 0x20
  for (let i = 0, rest = sum; i < 6; i++, rest >>= 3) {
    if (block[at + 5 - i] !== 0x30 + (rest & 7)) return false
  }
  return block[at + 6] === 0 && block[at + 7] === 0x20
}

/** Octal digits up to a NUL or space; leading spaces are allowed, anything else is not. */
function octal(block: Buffer, start: number, length: number): number | undefined {
  let value = 0
  let digits = 0
  for (let i = start; i < start + length; i++) {
    const byte = block[i] ?? 0
    if (byte >= 0x30 && byte <= 0x37) {
      value = value * 8 + (byte - 0x30)
      digits++
    } else if (digits > 0 && (byte === 0 || byte === 0x20)) {
      return value
    } else if (byte !== 0x20) {
      return undefined
    }
  }
  return digits > 0 ? value : undefined
}

function text(block: Buffer, start: number, length: number): string {
  let end = start
  while (end < start + length && block[end] !== 0) end++
  return block.toString('latin1', start, end)
}
