export type ImageFormat = 'jpeg' | 'png' | 'webp' | 'gif' | 'tiff' | 'avif'

/**
 * The raster format the first bytes say, or undefined: the formats whose pixels do not depend on
 * the machine. SVG and PDF (fonts, and they may name other files) are deliberately not among them.
 */
export function imageFormat(bytes: Uint8Array): ImageFormat | undefined {
  const start = Buffer.from(bytes.buffer, bytes.byteOffset, Math.min(16, bytes.length))
  const text = start.toString('latin1')
  if (text.startsWith('\xff\xd8\xff')) return 'jpeg'
  if (text.startsWith('\x89PNG\r\n\x1a\n')) return 'png'
  if (text.startsWith('RIFF') && text.startsWith('WEBP', 8)) return 'webp'
  if (text.startsWith('GIF8')) return 'gif'
  if (text.startsWith('II*\0') || text.startsWith('MM\0*')) return 'tiff'
  if (text.startsWith('ftypavi', 4)) return 'avif'
  return undefined
}

/** True for a JPEG or PNG of one channel, read from its header; other formats are never grey. */
export function isGrey(bytes: Uint8Array, format: ImageFormat): boolean {
  if (format === 'png') return bytes[pngColourType] === 0
  return format === 'jpeg' && jpegComponents(bytes) === 1
}

/** Signature 8, length and name of IHDR 8, width and height 8, depth 1. */
const pngColourType = 25

/** The number of components in the frame header (ITU T.81, B.2.2); undefined when there is none. */
function jpegComponents(bytes: Uint8Array): number | undefined {
  let at = 2
  while (at + 9 < bytes.length && bytes[at] === 0xff) {
    const marker = bytes[at + 1] as number
    if (isFrameHeader(marker)) return bytes[at + 9]
    // Fill bytes before a marker are allowed; markers of entropy-coded data come only after SOF.
    at += marker === 0xff ? 1 : 2 + (((bytes[at + 2] as number) << 8) | (bytes[at + 3] as number))
  }
  return undefined
}

/** SOF0..SOF15 but for the tables and the reserved marker in between: DHT, JPG, DAC. */
function isFrameHeader(marker: number): boolean {
  return marker >= 0xc0 && marker <= 0xcf && ![0xc4, 0xc8, 0xcc].includes(marker)
}
