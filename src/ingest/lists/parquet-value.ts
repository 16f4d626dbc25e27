import type { JsonValue } from '../../model/index.ts'

/**
 * A value of a parquet column as JSON: integers beyond 2^53 as their digits, times in ISO 8601, bytes
 * in base64, NaN and infinities null (pandas writes NaN for what is missing).
 */
export function jsonOf(value: unknown): JsonValue {
  switch (typeof value) {
    case 'string':
    case 'boolean':
      return value
    case 'number':
      return Number.isFinite(value) ? value : null
    case 'bigint':
      return jsonOfBigInt(value)
    case 'object':
      return jsonOfObject(value)
    default:
      return null
  }
}

function jsonOfBigInt(value: bigint): JsonValue {
  const number = Number(value)
  return Number.isSafeInteger(number) ? number : String(value)
}

function jsonOfObject(value: object | null): JsonValue {
  if (value === null) return null
  if (Array.isArray(value)) return value.map(jsonOf)
  if (value instanceof Date) return Number.isNaN(value.getTime()) ? null : value.toISOString()
  if (value instanceof Uint8Array) return Buffer.from(value).toString('base64')
  if (ArrayBuffer.isView(value)) return Array.from(value as unknown as ArrayLike<unknown>, jsonOf)
  return Object.fromEntries(Object.entries(value).map(([name, part]) => [name, jsonOf(part)]))
}
