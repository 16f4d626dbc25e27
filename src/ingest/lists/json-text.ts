import type { JsonValue } from '../../model/index.ts'
import { messageOf } from '../../util/index.ts'

export function parseJson(text: string): JsonValue {
  return JSON.parse(text) as JsonValue
}

/**
 * `JSON.parse`, but an integer too large for a number is read as its digits instead of being
 * rounded: ids of 64 bits are common in lists.
 */
export function parseExactly(text: string): JsonValue {
  if (!/\d{16}/.test(text)) return parseJson(text)
  return JSON.parse(text, keepDigits) as JsonValue
}

function keepDigits(_key: string, value: unknown, context?: { readonly source?: string }): unknown {
  if (typeof value !== 'number' || Number.isSafeInteger(value)) return value
  const source = context?.source
  const rounded = source !== undefined && /^-?\d+$/.test(source) && source !== String(value)
  return rounded ? source : value
}

/** The parser's own words, without the excerpt of the text they carry. */
export function jsonFault(error: unknown): string {
  const said = messageOf(error)
  return `no valid JSON: ${said.replace(/,? ?(\.\.\.)?".*$/s, '').replace(/ in JSON.*$/s, '')}`
}
