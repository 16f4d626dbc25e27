import { crc32c } from './crc32c.ts'

/**
 * Frames one record of a TFRecord file (tensorflow/core/lib/io/record_writer.h): length as u64,
 * masked CRC of these eight bytes, data, masked CRC of the data; all little-endian.
 */
export function tfRecordPieces(data: Uint8Array): readonly Uint8Array[] {
  const head = Buffer.alloc(12)
  head.writeBigUInt64LE(BigInt(data.length))
  head.writeUInt32LE(masked(crc32c(head.subarray(0, 8))), 8)
  const foot = Buffer.alloc(4)
  foot.writeUInt32LE(masked(crc32c(data)))
  return [head, data, foot]
}

/** A CRC of data that itself holds CRCs is weak, so TFRecord turns and shifts it. */
function masked(crc: number): number {
  return (((crc >>> 15) | (crc << 17)) + 0xa282ead8) >>> 0
}
