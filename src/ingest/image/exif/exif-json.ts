import {
  exifDirectoryTag,
  exifTags,
  ignoredTags,
  subDirectories,
  type TagDirectory,
  type Wording,
} from './exif-tags.ts'
import { tiffBlock } from './tiff-block.ts'
import { readField, tiffReader, type Field, type TiffReader } from './tiff-field.ts'

/** More text than this is an attack, not a camera's. */
const mostText = 1 << 20

/**
 * The EXIF tags of an image file as img2dataset writes them: JSON text of tag name → value, both as
 * the Python package exifread says them (`"Image Make": "Canon"`, rationals as `"1/200"`), without
 * maker notes and thumbnails. `{}` when there are none, null when they cannot be read.
 */
export function exifJson(bytes: Uint8Array): string | null {
  try {
    const block = tiffBlock(bytes)
    if (block === undefined) return '{}'
    const reader = tiffReader(block)
    if (reader === undefined) return '{}'
    return pythonJson(readTags(reader))
  } catch (error) {
    if (error instanceof UnreadableExif) return null
    throw error
  }
}

class UnreadableExif extends Error {}

interface Found {
  readonly tags: Map<string, string>
  exifDirectory: number
  text: number
}

function readTags(reader: TiffReader): Map<string, string> {
  const found: Found = { tags: new Map(), exifDirectory: 0, text: 0 }
  const seen = new Set<number>()
  let at = reader.uint32(4)
  for (let i = 0; at !== 0 && !seen.has(at); i += 1) {
    seen.add(at)
    const prefix = ['Image', 'Thumbnail'][i] ?? `IFD ${i}`
    readDirectory({ reader, found, prefix, directory: exifTags }, at)
    at = reader.uint32(at + 2 + 12 * reader.uint16(at))
  }
  if (found.exifDirectory !== 0) {
    readDirectory({ reader, found, prefix: 'EXIF', directory: exifTags }, found.exifDirectory)
  }
  return found.tags
}

interface Reading {
  readonly reader: TiffReader
  readonly found: Found
  readonly prefix: string
  readonly directory: TagDirectory
}

function readDirectory(reading: Reading, at: number): void {
  const { reader, found, prefix, directory } = reading
  const entries = reader.uint16(at)
  for (let i = 0; i < entries; i += 1) {
    const entry = at + 2 + 12 * i
    if (entry >= reader.length) return
    const tag = reader.uint16(entry)
    const field = ignoredTags.has(tag) ? undefined : readField(reader, entry)
    if (field === undefined) continue
    followPointer(reading, tag, field)
    const name = directory.names.get(tag) ?? `Tag 0x${hex(tag)}`
    const value = wordsOf(field, directory.wording(tag)).trim()
    found.text += value.length
    if (found.text > mostText) throw new UnreadableExif()
    found.tags.set(`${prefix} ${name}`, value)
  }
}

/** Tags of GPS and interoperability come before the tag that points to them, those of EXIF last. */
function followPointer({ reader, found, prefix, directory }: Reading, tag: number, field: Field) {
  const [to] = field.values
  if (directory !== exifTags || typeof to !== 'number') return
  if (tag === exifDirectoryTag && prefix === 'Image') found.exifDirectory = to
  const sub = subDirectories(tag)
  if (sub !== undefined) readDirectory({ reader, found, prefix: sub[0], directory: sub[1] }, to)
}

/** How exifread prints a field: a lone value as it is, several as a Python list, long lists cut. */
function wordsOf({ text, values, count }: Field, wording: Wording): string {
  if (text !== undefined) return text
  if (wording === 'text') return printable(values)
  if (wording !== undefined) {
    return values.map((value) => wording.get(Number(value)) ?? String(value)).join('')
  }
  if (count === 1) return String(values[0])
  if (count > 50 && values.length >= 20) return `[${values.slice(0, 20).join(', ')}, ... ]`
  return `[${values.join(', ')}]`
}

function printable(values: Field['values']): string {
  const codes = values.map(Number).filter((code) => code >= 32 && code < 256)
  if (codes.length > 0) return String.fromCharCode(...codes)
  const digits = values.join('')
  return /^0*$/.test(digits) ? '' : digits
}

/** As Python's `json.dumps` spaces and escapes it: the text is compared by users, not only parsed. */
function pythonJson(tags: ReadonlyMap<string, string>): string {
  const pairs = [...tags].map(([name, value]) => `${quoted(name)}: ${quoted(value)}`)
  return `{${pairs.join(', ')}}`
}

function quoted(text: string): string {
  return JSON.stringify(text).replaceAll(
    /[\u007f-\uffff]/g,
    (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`,
  )
}

function hex(tag: number): string {
  return tag.toString(16).toUpperCase().padStart(4, '0')
}
