import { VarveError } from '../model/index.ts'
import { invariant } from '../util/index.ts'

/** Longest key in UTF-8 bytes. */
export const MAX_KEY_BYTES = 65_535
/** Longest value in bytes. */
export const MAX_VALUE_BYTES = 16 * 1024 * 1024

/** Length of the key in UTF-8 bytes; PATH_INVALID if a tree cannot hold it. */
export function checkedKeyLength(key: string): number {
  const length = Buffer.byteLength(key)
  if (length > 0 && length <= MAX_KEY_BYTES && key.isWellFormed()) return length
  const why = length === 0 ? 'is empty' : length > MAX_KEY_BYTES ? 'is too long' : 'is not Unicode'
  throw new VarveError('PATH_INVALID', {
    what: `The key ${JSON.stringify(key.slice(0, 80))} ${why}.`,
    data: { key: key.slice(0, 1000), bytes: length, limit: MAX_KEY_BYTES },
  })
}

export function checkValue(value: Uint8Array, size: number): void {
  invariant(Number.isSafeInteger(size) && size >= 0, `an entry cannot have size ${size}`)
  if (value.length <= MAX_VALUE_BYTES) return
  throw new VarveError('NOT_SUPPORTED', {
    what: `A tree entry of ${value.length} bytes is larger than ${MAX_VALUE_BYTES}.`,
    next: 'Store it as an item and keep its digest in the tree.',
  })
}
