import type { SchemaElement } from 'hyparquet'

/** Makes of a value as the file stores it one for JSON; null stays. */
export type FromStored = (stored: unknown) => unknown

/** So many digits a JSON number keeps, whichever they are. */
const numberDigits = 15
const second = 1_000_000_000n

/** For columns the parquet reader would round, or leave as bare numbers: decimals and times of day. */
export function fromStored(element: SchemaElement): FromStored | undefined {
  const { scale = 0 } = element
  if (isStoredDecimal(element)) return unlessNull((stored) => decimal(unscaled(stored), scale))
  const unit = timeUnit(element)
  if (unit === undefined) return undefined
  return unlessNull((stored) => timeOfDay(BigInt(stored as number | bigint) * unit))
}

/** Decimals of no fixed length are left to the reader, which would take their bytes for text. */
export function isStoredDecimal({ converted_type, type }: SchemaElement): boolean {
  return converted_type === 'DECIMAL' && type !== 'BYTE_ARRAY'
}

/** For the reader of parquet, which would cut both to milliseconds, towards 1970. */
export const exactTimes = {
  timestampFromMicroseconds: (micros: bigint): string | null => timestamp(micros * 1000n),
  timestampFromNanoseconds: (nanos: bigint): string | null => timestamp(nanos),
}

function unlessNull(make: FromStored): FromStored {
  return (stored) => (stored === null || stored === undefined ? null : make(stored))
}

/** Two's complement, the highest byte first, or a number. */
function unscaled(stored: unknown): bigint {
  if (!(stored instanceof Uint8Array)) return BigInt(stored as number | bigint)
  if (stored.length === 0) return 0n
  return BigInt.asIntN(stored.length * 8, BigInt(`0x${Buffer.from(stored).toString('hex')}`))
}

/** A number, unless that would lose digits: then the text of them all. */
function decimal(value: bigint, scale: number): number | string {
  const sign = value < 0n ? '-' : ''
  const digits = String(value < 0n ? -value : value).padStart(scale + 1, '0')
  const point = digits.length - scale
  const fraction = digits.slice(point).replace(/0+$/, '')
  const text = sign + digits.slice(0, point) + (fraction === '' ? '' : `.${fraction}`)
  const fits = digits.replaceAll(/^0+|0+$/g, '').length <= numberDigits
  return fits ? Number(text) : text
}

/** Nanoseconds in one of the units a time is stored in. */
function timeUnit({ converted_type, logical_type }: SchemaElement): bigint | undefined {
  if (converted_type === 'TIME_MILLIS') return 1_000_000n
  if (converted_type === 'TIME_MICROS') return 1000n
  if (logical_type?.type !== 'TIME') return undefined
  return { MILLIS: 1_000_000n, MICROS: 1000n, NANOS: 1n }[logical_type.unit]
}

function timeOfDay(nanos: bigint): string | null {
  return timestamp(nanos)?.slice('1970-01-01T'.length, -1) ?? null
}

/** ISO 8601 with as many groups of three digits as it takes; null beyond the years a date can hold. */
function timestamp(nanos: bigint): string | null {
  const part = ((nanos % second) + second) % second
  const date = new Date(Number((nanos - part) / second) * 1000)
  if (Number.isNaN(date.getTime())) return null
  const fraction = String(part)
    .padStart(9, '0')
    .replace(/(?:000){1,2}$/, '')
  return `${date.toISOString().slice(0, -'.000Z'.length)}.${fraction}Z`
}
