/** Castagnoli's polynomial, bits reversed (RFC 3720, appendix B.4). */
const polynomial = 0x82f63b78
const tables = makeTables()

/** Eight tables, so that eight bytes take one step ("slicing by 8"). */
function makeTables(): Int32Array[] {
  const first = new Int32Array(256)
  for (let byte = 0; byte < 256; byte++) {
    let crc = byte
    for (let bit = 0; bit < 8; bit++) crc = (crc & 1) === 1 ? (crc >>> 1) ^ polynomial : crc >>> 1
    first[byte] = crc
  }
  const all = [first]
  for (let slice = 1; slice < 8; slice++) {
    const before = all[slice - 1] ?? first
    all.push(before.map((crc) => (first[crc & 0xff] ?? 0) ^ (crc >>> 8)))
  }
  return all
}

/** CRC-32C of some bytes, unsigned. `seed`: the CRC of the bytes before them. */
export function crc32c(bytes: Uint8Array, seed = 0): number {
  const [t0, t1, t2, t3, t4, t5, t6, t7] = tables as [
    Int32Array,
    Int32Array,
    Int32Array,
    Int32Array,
    Int32Array,
    Int32Array,
    Int32Array,
    Int32Array,
  ]
  const at = (index: number): number => bytes[index] ?? 0
  let crc = ~seed
  let i = 0
  for (const end = bytes.length - 7; i < end; i += 8) {
    crc =
      (t7[(crc ^ at(i)) & 0xff] ?? 0) ^
      (t6[((crc >>> 8) ^ at(i + 1)) & 0xff] ?? 0) ^
      (t5[((crc >>> 16) ^ at(i + 2)) & 0xff] ?? 0) ^
      (t4[((crc >>> 24) ^ at(i + 3)) & 0xff] ?? 0) ^
      (t3[at(i + 4)] ?? 0) ^
      (t2[at(i + 5)] ?? 0) ^
      (t1[at(i + 6)] ?? 0) ^
      (t0[at(i + 7)] ?? 0)
  }
  for (; i < bytes.length; i++) crc = (t0[(crc ^ at(i)) & 0xff] ?? 0) ^ (crc >>> 8)
  return ~crc >>> 0
}
