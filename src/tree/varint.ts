/*
 * Whole numbers from 0 to 2^53 - 1, seven bits a byte, least significant first (LEB128), always in
 * the shortest form: one number has one encoding, or one tree would have several roots.
 */

export function varintLength(value: number): number {
  let length = 1
  for (let rest = value; rest >= 128; rest = Math.floor(rest / 128)) length++
  return length
}

/** Writes at `at` and returns the position after. The caller has made room. */
export function writeVarint(bytes: Uint8Array, at: number, value: number): number {
  let position = at
  let rest = value
  while (rest >= 128) {
    bytes[position++] = (rest % 128) | 0x80
    rest = Math.floor(rest / 128)
  }
  bytes[position++] = rest
  return position
}

/** Reads a number that `checkedVarint` has seen before; its length is `varintLength(value)`. */
export function readVarint(bytes: Uint8Array, at: number): number {
  const first = bytes[at] ?? 0
  if (first < 0x80) return first
  let value = first & 0x7f
  let scale = 128
  let position = at + 1
  let byte = bytes[position] ?? 0
  while (byte >= 0x80) {
    value += (byte & 0x7f) * scale
    scale *= 128
    byte = bytes[++position] ?? 0
  }
  return value + byte * scale
}

/** Reads a number from bytes nobody vouches for: -1 if cut off, too long or too large. */
export function checkedVarint(bytes: Uint8Array, at: number, end: number): number {
  const first = bytes[at] ?? 0
  if (first < 0x80 && at < end) return first
  let value = 0
  let scale = 1
  for (let position = at; position < end && position < at + 8; position++) {
    const byte = bytes[position] ?? 0
    value += (byte & 0x7f) * scale
    scale *= 128
    if (byte >= 0x80) continue
    const isShortest = byte !== 0 || position === at
    return isShortest && value <= Number.MAX_SAFE_INTEGER ? value : -1
  }
  return -1
}
