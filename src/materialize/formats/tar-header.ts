/** Sizes every TAR reader agrees on (POSIX.1-1988 ustar). */
const blockBytes = 512
const octalSizeLimit = 8 ** 11 - 1
const checksumOffset = 148

/** Two zero blocks close an archive. */
export const archiveEnd = Buffer.alloc(2 * blockBytes)

const template = makeTemplate()
const templateSum = template.reduce((sum, byte) => sum + byte, 0)

/** Everything that never varies: mode 0444, owner 0, time 0, "ustar" version "00". */
function makeTemplate(): Buffer {
  const header = Buffer.alloc(blockBytes)
  header.write('0000444\0', 100, 'latin1')
  header.write('0000000\0', 108, 'latin1')
  header.write('0000000\0', 116, 'latin1')
  header.write('00000000000\0', 136, 'latin1')
  header.write('        ', checksumOffset, 'latin1')
  header.write('ustar\x0000', 257, 'latin1')
  header.write('0000000\0', 329, 'latin1')
  header.write('0000000\0', 337, 'latin1')
  return header
}

/** A file name as the header holds it: UTF-8, in two parts when it is long. */
interface SplitName {
  readonly name: Buffer
  readonly prefix: Buffer
}

export interface MemberLayout {
  /** Bytes in front of the payload. */
  readonly header: number
  /** Zero bytes behind it. */
  readonly padding: number
}

/** What a member takes besides its payload; 512 bytes of header unless name or size need PAX records. */
export function memberLayout(name: string, size: number): MemberLayout {
  const padding = paddingOf(size)
  if (name.length <= 33 && size <= octalSizeLimit) return { header: blockBytes, padding }
  const records = paxRecords(name, size)
  if (records.length === 0) return { header: blockBytes, padding }
  return { header: 2 * blockBytes + records.length + paddingOf(records.length), padding }
}

/** Bytes of a whole member. */
export function memberBytes(name: string, size: number): number {
  const { header, padding } = memberLayout(name, size)
  return header + size + padding
}

/**
 * Writes the headers of a regular file at `offset` of `target`, which must hold zeros there; answers
 * where the payload starts. Names are UTF-8; those longer than the two fields of USTAR get a PAX
 * `path` record (POSIX.1-2001), sizes of 8 GiB and more a `size` record.
 */
export function writeTarHeader(
  target: Buffer,
  offset: number,
  { name, size }: { readonly name: string; readonly size: number },
): number {
  const records = paxRecords(name, size)
  const split = splitName(name) ?? cutName(name)
  if (records.length === 0) {
    writeBlock(target, offset, { ...split, size, type: '0' })
    return offset + blockBytes
  }
  const nothing = Buffer.alloc(0)
  const pax = { name: Buffer.from('PaxHeaders/member'), prefix: nothing }
  writeBlock(target, offset, { ...pax, size: records.length, type: 'x' })
  records.copy(target, offset + blockBytes)
  const main = offset + blockBytes + records.length + paddingOf(records.length)
  writeBlock(target, main, { ...split, size: size > octalSizeLimit ? 0 : size, type: '0' })
  return main + blockBytes
}

interface Block extends SplitName {
  readonly size: number
  readonly type: '0' | 'x'
}

function writeBlock(target: Buffer, offset: number, { name, prefix, size, type }: Block): void {
  const digits = size.toString(8).padStart(11, '0')
  template.copy(target, offset)
  name.copy(target, offset)
  prefix.copy(target, offset + 345)
  target.write(digits, offset + 124, 'latin1')
  target.write(type, offset + 156, 'latin1')
  let sum = templateSum + type.charCodeAt(0)
  for (const byte of name) sum += byte
  for (const byte of prefix) sum += byte
  for (let at = 0; at < digits.length; at++) sum += digits.charCodeAt(at)
  target.write(`${sum.toString(8).padStart(6, '0')}\0 `, offset + checksumOffset, 'latin1')
}

function paddingOf(size: number): number {
  return (blockBytes - (size % blockBytes)) % blockBytes
}

/** Undefined when the name fits neither 100 bytes nor 155 and 100 around a slash. */
function splitName(text: string): SplitName | undefined {
  const path = Buffer.from(text)
  if (path.length <= 100) return { name: path, prefix: Buffer.alloc(0) }
  if (path.length > 256) return undefined
  const slash = path.indexOf(0x2f, path.length - 101)
  if (slash < 1 || slash > 155 || slash === path.length - 1) return undefined
  return { name: path.subarray(slash + 1), prefix: path.subarray(0, slash) }
}

/** For readers that know no PAX: the beginning of the name, whole characters only. */
function cutName(text: string): SplitName {
  let end = Math.min(text.length, 100)
  while (Buffer.byteLength(text.slice(0, end)) > 100) end--
  return { name: Buffer.from(text.slice(0, end)), prefix: Buffer.alloc(0) }
}

function paxRecords(name: string, size: number): Buffer {
  const path = splitName(name) === undefined ? paxRecord('path', name) : ''
  const length = size > octalSizeLimit ? paxRecord('size', String(size)) : ''
  return Buffer.from(path + length)
}

/** "<length> <key>=<value>\n", where the length counts itself, in bytes. */
function paxRecord(key: string, value: string): string {
  const rest = ` ${key}=${value}\n`
  const bytes = Buffer.byteLength(rest)
  let length = bytes
  while (String(length).length + bytes !== length) length = String(length).length + bytes
  return `${length}${rest}`
}
