import {
  blockBytes,
  octalSizeLimit,
  paddedLength,
  paxRecord,
  sealBytes,
  writeHeaderBlock,
} from '../../segments/index.ts'

/** Two zero blocks close an archive. */
export const archiveEnd = Buffer.alloc(sealBytes)

/** A file name as the header holds it: UTF-8, one byte a character, in two parts when it is long. */
interface SplitName {
  readonly name: string
  readonly prefix: string
}

export interface MemberLayout {
  /** Bytes in front of the payload. */
  readonly header: number
  /** Zero bytes behind it. */
  readonly padding: number
}

/** What a member takes besides its payload; 512 bytes of header unless name or size need PAX records. */
export function memberLayout(name: string, size: number): MemberLayout {
  const padding = paddedLength(size) - size
  // A character is three bytes at most: such a name fits without looking.
  if (name.length <= 33 && size <= octalSizeLimit) return { header: blockBytes, padding }
  const records = paxRecords(utf8(name), size)
  if (records === '') return { header: blockBytes, padding }
  return { header: 2 * blockBytes + paddedLength(records.length), padding }
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
  const path = utf8(name)
  const records = paxRecords(path, size)
  const split = splitName(path) ?? cutName(name)
  if (records === '') {
    writeHeaderBlock(target, offset, { ...split, size, mtime: 0, type: '0' })
    return offset + blockBytes
  }
  const pax = { name: 'PaxHeaders/member', size: records.length, mtime: 0 }
  writeHeaderBlock(target, offset, { ...pax, type: 'x' })
  target.write(records, offset + blockBytes, 'latin1')
  const main = offset + blockBytes + paddedLength(records.length)
  const inBlock = size > octalSizeLimit ? 0 : size
  writeHeaderBlock(target, main, { ...split, size: inBlock, mtime: 0, type: '0' })
  return main + blockBytes
}

/** Undefined when the name fits neither 100 bytes nor 155 and 100 around a slash. */
function splitName(path: string): SplitName | undefined {
  if (path.length <= 100) return { name: path, prefix: '' }
  if (path.length > 256) return undefined
  const slash = path.indexOf('/', path.length - 101)
  if (slash < 1 || slash > 155 || slash === path.length - 1) return undefined
  return { name: path.slice(slash + 1), prefix: path.slice(0, slash) }
}

/** For readers that know no PAX: the beginning of the name, whole characters only. */
function cutName(text: string): SplitName {
  let [end, bytes] = [0, 0]
  for (const character of text) {
    bytes += Buffer.byteLength(character)
    if (bytes > 100) break
    end += character.length
  }
  return { name: utf8(text.slice(0, end)), prefix: '' }
}

function paxRecords(path: string, size: number): string {
  const whole = splitName(path) === undefined ? paxRecord('path', path) : ''
  return size > octalSizeLimit ? whole + paxRecord('size', String(size)) : whole
}

/** The bytes of a text, one a character. */
function utf8(text: string): string {
  return Buffer.from(text).toString('latin1')
}
