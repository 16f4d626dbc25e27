const prime1 = 0x9e3779b1
const prime2 = 0x85ebca77
const prime3 = 0xc2b2ae3d
const prime4 = 0x27d4eb2f
const prime5 = 0x165667b1

/**
 * XXH32 of `bytes[start, end)`, an unsigned 32-bit integer.
 * Specification: https://github.com/Cyan4973/xxHash/blob/dev/doc/xxhash_spec.md
 */
export function xxhash32(bytes: Uint8Array, start: number, end: number, seed: number): number {
  const length = end - start
  const stripesEnd = start + (length & ~15)
  let hash = length >= 16 ? hashStripes(bytes, start, stripesEnd, seed) : (seed + prime5) | 0
  hash = (hash + length) | 0
  let at = stripesEnd
  for (; at + 4 <= end; at += 4) {
    hash = Math.imul(rotate(hash + Math.imul(wordAt(bytes, at), prime3), 17), prime4)
  }
  for (; at < end; at++) {
    hash = Math.imul(rotate(hash + Math.imul(bytes[at] ?? 0, prime5), 11), prime1)
  }
  hash = Math.imul(hash ^ (hash >>> 15), prime2)
  hash = Math.imul(hash ^ (hash >>> 13), prime3)
  return (hash ^ (hash >>> 16)) >>> 0
}

/** Folds whole stripes of 16 bytes, each into four lanes, and joins the lanes. */
function hashStripes(bytes: Uint8Array, start: number, end: number, seed: number): number {
  let lane1 = (seed + prime1 + prime2) | 0
  let lane2 = (seed + prime2) | 0
  let lane3 = seed | 0
  let lane4 = (seed - prime1) | 0
  for (let at = start; at < end; at += 16) {
    lane1 = mixLane(lane1, wordAt(bytes, at))
    lane2 = mixLane(lane2, wordAt(bytes, at + 4))
    lane3 = mixLane(lane3, wordAt(bytes, at + 8))
    lane4 = mixLane(lane4, wordAt(bytes, at + 12))
  }
  return (rotate(lane1, 1) + rotate(lane2, 7) + rotate(lane3, 12) + rotate(lane4, 18)) | 0
}

function mixLane(lane: number, word: number): number {
  return Math.imul(rotate(lane + Math.imul(word, prime2), 13), prime1)
}

function rotate(word: number, bits: number): number {
  return (word << bits) | (word >>> (32 - bits))
}

function wordAt(bytes: Uint8Array, at: number): number {
  return (
    (bytes[at] ?? 0) |
    ((bytes[at + 1] ?? 0) << 8) |
    ((bytes[at + 2] ?? 0) << 16) |
    ((bytes[at + 3] ?? 0) << 24)
  )
}
