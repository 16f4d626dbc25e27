/** Reads numbers of a TIFF structure; what lies outside of it reads as 0. */
export interface TiffReader {
  readonly length: number
  uint16(at: number): number
  uint32(at: number): number
  /** `size` 1, 2 or 4 bytes. */
  integer(at: number, size: number, signed: boolean): number
  float(at: number, size: number): number
  bytes(at: number, count: number): Buffer
}

/** Undefined when the block does not begin with a TIFF header of either byte order. */
export function tiffReader(block: Buffer): TiffReader | undefined {
  const order = block.toString('latin1', 0, 2)
  if (block.length < 8 || (order !== 'II' && order !== 'MM')) return undefined
  const little = order === 'II'
  const integer = (at: number, size: number, signed: boolean): number => {
    if (at + size > block.length) return 0
    if (little) return signed ? block.readIntLE(at, size) : block.readUIntLE(at, size)
    return signed ? block.readIntBE(at, size) : block.readUIntBE(at, size)
  }
  return {
    length: block.length,
    integer,
    uint16: (at) => integer(at, 2, false),
    uint32: (at) => integer(at, 4, false),
    float: (at, size) => {
      if (at + size > block.length) return 0
      if (size === 4) return little ? block.readFloatLE(at) : block.readFloatBE(at)
      return little ? block.readDoubleLE(at) : block.readDoubleBE(at)
    },
    bytes: (at, count) => block.subarray(at, at + count),
  }
}

/** The value of one directory entry: text, or values where rationals and floats are text already. */
export interface Field {
  readonly text?: string
  readonly count: number
  readonly values: readonly (number | string)[]
}

interface FieldType {
  readonly size: number
  readonly kind: 'text' | 'integer' | 'rational' | 'float'
  readonly signed: boolean
}

/** Field types 1..13 of TIFF 6.0 (part 1, "Types") and the IFD type of its supplement 1. */
const fieldTypes: readonly (FieldType | undefined)[] = [
  undefined,
  { size: 1, kind: 'integer', signed: false },
  { size: 1, kind: 'text', signed: false },
  { size: 2, kind: 'integer', signed: false },
  { size: 4, kind: 'integer', signed: false },
  { size: 8, kind: 'rational', signed: false },
  { size: 1, kind: 'integer', signed: true },
  { size: 1, kind: 'integer', signed: false },
  { size: 2, kind: 'integer', signed: true },
  { size: 4, kind: 'integer', signed: true },
  { size: 8, kind: 'rational', signed: true },
  { size: 4, kind: 'float', signed: true },
  { size: 8, kind: 'float', signed: true },
  { size: 4, kind: 'integer', signed: false },
]

/** Fields of a thousand values and more are tables, not facts; exifread leaves them empty too. */
const mostValues = 999

/** Reads the entry (tag, type, count, value or offset) at `entry`; undefined for unknown types. */
export function readField(reader: TiffReader, entry: number): Field | undefined {
  const type = fieldTypes[reader.uint16(entry + 2)]
  if (type === undefined) return undefined
  const count = reader.uint32(entry + 4)
  const inline = count * type.size <= 4
  const at = inline ? entry + 8 : reader.uint32(entry + 8)
  if (type.kind === 'text') return { count, values: [], text: textOf(reader.bytes(at, count)) }
  const read = valueReader(reader, type)
  const length = count > mostValues ? 0 : count
  const values = Array.from({ length }, (_, i) => read(at + i * type.size))
  return { count, values }
}

function valueReader(reader: TiffReader, type: FieldType): (at: number) => number | string {
  const { size, kind, signed } = type
  if (kind === 'integer') return (at) => reader.integer(at, size, signed)
  if (kind === 'float') return (at) => tuple(reader.float(at, size))
  return (at) => ratio(reader.integer(at, 4, signed), reader.integer(at + 4, 4, signed))
}

/** Up to the first NUL; UTF-8 although the standard says ASCII, Latin-1 where that fails. */
function textOf(bytes: Buffer): string {
  const end = bytes.indexOf(0)
  const text = end === -1 ? bytes : bytes.subarray(0, end)
  const decoded = text.toString('utf8')
  return decoded.includes('\ufffd') ? text.toString('latin1') : decoded
}

/** In lowest terms, whole numbers without a denominator. */
function ratio(numerator: number, denominator: number): string {
  if (denominator === 0) return `${numerator}/0`
  const divisor = commonDivisor(Math.abs(numerator), Math.abs(denominator)) * Math.sign(denominator)
  const [top, bottom] = [numerator / divisor, denominator / divisor]
  // `+ 0` turns -0 into 0.
  return bottom === 1 ? String(top + 0) : `${top + 0}/${bottom}`
}

function commonDivisor(a: number, b: number): number {
  return b === 0 ? a : commonDivisor(b, a % b)
}

/** exifread prints floats as the one-element tuple Python unpacks them to. */
function tuple(value: number): string {
  return `(${Number.isInteger(value) ? value.toFixed(1) : value},)`
}
