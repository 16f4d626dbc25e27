import { imageFormat } from '../image-header.ts'

/** The TIFF structure that holds the EXIF tags of an image file; undefined when it has none. */
export function tiffBlock(bytes: Uint8Array): Buffer | undefined {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  switch (imageFormat(bytes)) {
    case 'jpeg':
      return fromJpeg(buffer)
    case 'png':
      return fromPng(buffer)
    case 'webp':
      return fromWebp(buffer)
    case 'tiff':
      return buffer
    default:
      return undefined
  }
}

const exifMark = 'Exif\0\0'

/** The first APP1 segment that begins with "Exif", before the first scan. */
function fromJpeg(buffer: Buffer): Buffer | undefined {
  let at = 2
  while (at + 4 <= buffer.length && buffer[at] === 0xff) {
    const marker = buffer[at + 1] as number
    if (marker === 0xda) return undefined
    if (marker === 0xff) {
      at += 1
      continue
    }
    const end = at + 2 + buffer.readUInt16BE(at + 2)
    if (marker === 0xe1 && buffer.toString('latin1', at + 4, at + 10) === exifMark) {
      return buffer.subarray(at + 10, end)
    }
    at = end
  }
  return undefined
}

/** Chunk `eXIf`: the TIFF structure as it is. */
function fromPng(buffer: Buffer): Buffer | undefined {
  for (let at = 8; at + 8 <= buffer.length;) {
    const length = buffer.readUInt32BE(at)
    if (buffer.toString('latin1', at + 4, at + 8) === 'eXIf') {
      return buffer.subarray(at + 8, at + 8 + length)
    }
    at += 12 + length
  }
  return undefined
}

/** Chunk `EXIF`, padded to an even length; some writers put JPEG's mark in front. */
function fromWebp(buffer: Buffer): Buffer | undefined {
  for (let at = 12; at + 8 <= buffer.length;) {
    const length = buffer.readUInt32LE(at + 4)
    if (buffer.toString('latin1', at, at + 4) === 'EXIF') {
      const block = buffer.subarray(at + 8, at + 8 + length)
      return block.toString('latin1', 0, 6) === exifMark ? block.subarray(6) : block
    }
    at += 8 + length + (length & 1)
  }
  return undefined
}
