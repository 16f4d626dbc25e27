import type { OperatorFile } from '../operator.ts'
import { decodeFile, loadSharp, type Pixels } from './decode.ts'

/** An image as a browser takes it. */
export interface Thumbnail {
  readonly mediaType: 'image/jpeg' | 'image/png' | 'image/webp'
  readonly bytes: Uint8Array
}

/** Small files are shown as they are: scaling would hide the very faults a person looks for. */
const embedLimit = 48 * 1024
const longestSide = 360

export async function thumbnailOf(file: OperatorFile): Promise<Thumbnail> {
  const mediaType = mediaTypeOf(file.bytes)
  if (mediaType !== undefined && file.bytes.length <= embedLimit) {
    return { mediaType, bytes: file.bytes }
  }
  const { data, ...raw } = shrink(await decodeFile(file))
  const sharp = await loadSharp()
  const bytes = await sharp(data, { raw }).jpeg({ quality: 80 }).toBuffer()
  return { mediaType: 'image/jpeg', bytes }
}

function mediaTypeOf(bytes: Uint8Array): Thumbnail['mediaType'] | undefined {
  const head = Buffer.from(bytes.buffer, bytes.byteOffset, Math.min(12, bytes.length))
  if (head.toString('latin1', 0, 3) === '\xff\xd8\xff') return 'image/jpeg'
  if (head.toString('latin1', 0, 4) === '\x89PNG') return 'image/png'
  if (head.toString('latin1', 8, 12) === 'WEBP') return 'image/webp'
  return undefined
}

/**
 * Integer factor, mean of whole blocks. An own loop because the scaler of libvips picks vector code
 * by processor, and equal inputs must give equal bytes on any machine.
 */
export function shrink(pixels: Pixels, side = longestSide): Pixels {
  const { width, height, channels } = pixels
  const factor = Math.ceil(Math.max(width, height) / side)
  if (factor <= 1) return pixels
  const small = {
    width: Math.max(1, Math.floor(width / factor)),
    height: Math.max(1, Math.floor(height / factor)),
    channels,
  }
  const data = new Uint8Array(small.width * small.height * channels)
  for (let at = 0; at < data.length; at++) {
    const pixel = Math.floor(at / channels)
    const left = (pixel % small.width) * factor
    const top = Math.floor(pixel / small.width) * factor
    data[at] = blockMean(pixels, { left, top, factor }, at % channels)
  }
  return { ...small, data }
}

interface Block {
  readonly left: number
  readonly top: number
  readonly factor: number
}

function blockMean(pixels: Pixels, { left, top, factor }: Block, channel: number): number {
  const { width, height, channels, data } = pixels
  const right = Math.min(width, left + factor)
  const bottom = Math.min(height, top + factor)
  let sum = 0
  for (let y = top; y < bottom; y++) {
    for (let x = left; x < right; x++) sum += data[(y * width + x) * channels + channel] as number
  }
  return Math.round(sum / ((right - left) * (bottom - top)))
}
