import { invariant } from '../../util/index.ts'
import { paxRecord, writeHeaderBlock } from './header-block.ts'
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
  const { name, size, digest: linkname, mtime } = header
  invariant(name.length <= 100, `member name too long: ${name}`)
  const length = headerLength(size)
  if (length === blockBytes) {
    writeHeaderBlock(target, offset, { name, size, mtime, type: '0', linkname })
    return length
  }
  const record = paxRecord('size', String(size))
  writeHeaderBlock(target, offset, { name: paxName(name), size: record.length, mtime, type: 'x' })
  target.fill(0, offset + blockBytes, offset + 2 * blockBytes)
  target.write(record, offset + blockBytes, 'latin1')
  const main = offset + 2 * blockBytes
  writeHeaderBlock(target, main, { name, size: 0, mtime, type: '0', linkname })
  return length
}

/** The name of a member that only carries records for the one after it. */
function paxName(name: string): string {
  return `PaxHeaders/${name}`.slice(0, 100)
}
