import { invariant } from '../../util/index.ts'
import { blockBytes, octalSizeLimit, paddedLength } from './layout.ts'

export interface MemberHeader {
  /** ASCII, at most 100 bytes. */
  readonly name: string
  readonly size: number
  /** SHA-256 of the payload in hex; kept in `linkname`, which readers ignore for regular files. */
  readonly digest: string
  /** Whole seconds since the Unix epoch. */
  readonly mtime: number
}

const checksumOffset = 148
const template = makeTemplate()
const templateSum = template.reduce((sum, byte) => sum + byte, 0)

/** Everything that never varies: mode 0444, owner 0, regular file, "ustar" version "00". */
function makeTemplate(): Buffer {
  const header = Buffer.alloc(blockBytes)
  header.write('0000444\0', 100, 'latin1')
  header.write('0000000\0', 108, 'latin1')
  header.write('0000000\0', 116, 'latin1')
  header.write('        ', checksumOffset, 'latin1')
  header.write('0', 156, 'latin1')
  header.write('ustar\x0000', 257, 'latin1')
  header.write('0000000\0', 329, 'latin1')
  header.write('0000000\0', 337, 'latin1')
  return header
}

/** Bytes of headers in front of a payload: one block, or three when the size needs a PAX record. */
export function headerLength(size: number): number {
  return size > octalSizeLimit ? 3 * blockBytes : blockBytes
}

/** Header, payload and padding: what a member takes in a segment. */
export function memberLength(size: number): number {
  return headerLength(size) + paddedLength(size)
}

/** Writes the headers of a member at `offset` of `target`; answers `headerLength(size)`. */
export function writeHeader(target: Buffer, offset: number, header: MemberHeader): number {
  invariant(header.name.length <= 100, `member name too long: ${header.name}`)
  const length = headerLength(header.size)
  if (length === blockBytes) {
    writeBlock(target, offset, header)
    return length
  }
  const record = paxRecord('size', String(header.size))
  writeBlock(target, offset, {
    ...header,
    name: paxName(header.name),
    size: record.length,
    digest: '',
  })
  target.write('x', offset + 156, 'latin1')
  addToChecksum(target, offset, 'x'.charCodeAt(0) - '0'.charCodeAt(0))
  target.fill(0, offset + blockBytes, offset + 2 * blockBytes)
  target.write(record, offset + blockBytes, 'latin1')
  writeBlock(target, offset + 2 * blockBytes, { ...header, size: 0 })
  return length
}

function writeBlock(target: Buffer, offset: number, header: MemberHeader): void {
  const size = header.size.toString(8).padStart(11, '0')
  const mtime = header.mtime.toString(8).padStart(11, '0')
  target.set(template, offset)
  target.write(header.name, offset, 'latin1')
  target.write(size, offset + 124, 'latin1')
  target.write(mtime, offset + 136, 'latin1')
  target.write(header.digest, offset + 157, 'latin1')
  const sum = templateSum + sumOf(header.name) + sumOf(size) + sumOf(mtime) + sumOf(header.digest)
  writeChecksum(target, offset, sum)
}

function sumOf(text: string): number {
  let sum = 0
  for (let i = 0; i < text.length; i++) sum += text.charCodeAt(i)
  return sum
}

/** Six octal digits, NUL, space: the order the standard gives. */
function writeChecksum(target: Buffer, offset: number, sum: number): void {
  target.write(`${sum.toString(8).padStart(6, '0')}\0 `, offset + checksumOffset, 'latin1')
}

function addToChecksum(target: Buffer, offset: number, change: number): void {
  const sum = parseInt(
    target.toString('latin1', offset + checksumOffset, offset + checksumOffset + 6),
    8,
  )
  writeChecksum(target, offset, sum + change)
}

/** The name of a member that only carries records for the one after it. */
function paxName(name: string): string {
  return `PaxHeaders/${name}`.slice(0, 100)
}

/** "<length> <key>=<value>\n", where the length counts itself (POSIX.1-2001 pax). */
function paxRecord(key: string, value: string): string {
  const rest = ` ${key}=${value}\n`
  let length = rest.length
  while (String(length).length + rest.length !== length) {
    length = String(length).length + rest.length
  }
  return `${length}${rest}`
}
