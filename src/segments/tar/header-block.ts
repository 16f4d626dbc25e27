import { blockBytes, checksumOffset } from './layout.ts'

/** One header block of 512 bytes. Texts hold one byte a character (`latin1`). */
export interface HeaderFields {
  /** At most 100 bytes. */
  readonly name: string
  readonly size: number
  /** Whole seconds since the Unix epoch. */
  readonly mtime: number
  /** A regular file, or the PAX records of the member behind it. */
  readonly type: '0' | 'x'
  /** At most 100 bytes. */
  readonly linkname?: string
  /** At most 155 bytes: what stands before the name and a slash. */
  readonly prefix?: string
}

const template = makeTemplate()
const templateSum = template.reduce((sum, byte) => sum + byte, 0)

/** Everything that never varies: mode 0444, owner 0, "ustar" version "00". */
function makeTemplate(): Buffer {
  const header = Buffer.alloc(blockBytes)
  header.write('0000444\0', 100, 'latin1')
  header.write('0000000\0', 108, 'latin1')
  header.write('0000000\0', 116, 'latin1')
  header.write('        ', checksumOffset, 'latin1')
  header.write('ustar\x0000', 257, 'latin1')
  header.write('0000000\0', 329, 'latin1')
  header.write('0000000\0', 337, 'latin1')
  return header
}

/** Writes one header block at `offset` of `target`, whatever stood there. */
export function writeHeaderBlock(target: Buffer, offset: number, fields: HeaderFields): void {
  const { name, type, linkname = '', prefix = '' } = fields
  target.set(template, offset)
  let sum = templateSum + type.charCodeAt(0)
  target.write(type, offset + 156, 'latin1')
  sum += put(target, offset, name)
  sum += put(target, offset + 124, fields.size.toString(8).padStart(11, '0'))
  sum += put(target, offset + 136, fields.mtime.toString(8).padStart(11, '0'))
  if (linkname !== '') sum += put(target, offset + 157, linkname)
  if (prefix !== '') sum += put(target, offset + 345, prefix)
  // Six octal digits, NUL, space: the order the standard gives.
  target.write(`${sum.toString(8).padStart(6, '0')}\0 `, offset + checksumOffset, 'latin1')
}

/** Writes a text and answers the sum of its bytes. */
function put(target: Buffer, offset: number, text: string): number {
  target.write(text, offset, 'latin1')
  let sum = 0
  for (let at = offset, end = offset + text.length; at < end; at++) sum += target[at] ?? 0
  return sum
}

/** "<length> <key>=<value>\n", where the length counts itself (POSIX.1-2001 pax); as `latin1` text. */
export function paxRecord(key: string, value: string): string {
  const rest = ` ${key}=${value}\n`
  let length = rest.length
  while (String(length).length + rest.length !== length) {
    length = String(length).length + rest.length
  }
  return `${length}${rest}`
}
