import type sharp from 'sharp'
import { invariant } from '../../util/index.ts'
import { imageFormat, isGrey } from './image-header.ts'
import type { EncodeFormat } from './image-options.ts'
import type { Pixels } from './pixels.ts'

export interface ImageCodec {
  decode(bytes: Uint8Array, maxPixels: number): Promise<DecodeOutcome>
  encode(pixels: Pixels, format: EncodeFormat, quality: number): Promise<Uint8Array>
}

export type DecodeOutcome =
  | { readonly kind: 'decoded'; readonly pixels: Pixels; readonly hadAlpha: boolean }
  | { readonly kind: 'too-many-pixels' }
  | { readonly kind: 'damaged' }

let loaded: Promise<typeof sharp> | undefined

/**
 * The only way to sharp in this folder, loaded on first use because it costs 100 ms. Many images
 * are under way at a time, so libvips gets one thread for each and no cache.
 */
function loadSharp(): Promise<typeof sharp> {
  loaded ??= import('sharp').then(({ default: library }) => {
    library.concurrency(1)
    library.cache(false)
    return library
  })
  return loaded
}

export async function openSharpCodec(): Promise<ImageCodec> {
  const open = await loadSharp()
  return {
    decode: (bytes, maxPixels) => decode(open, bytes, maxPixels),
    encode: (pixels, format, quality) => encode(open, pixels, { format, quality }),
  }
}

/**
 * The samples OpenCV's `IMREAD_UNCHANGED` gives, after img2dataset's matting: no EXIF orientation,
 * no colour profile, grey stays grey, the first frame of an animation, alpha blended with white
 * before anything else. 16-bit samples are cut to their upper 8.
 */
async function decode(
  open: typeof sharp,
  bytes: Uint8Array,
  maxPixels: number,
): Promise<DecodeOutcome> {
  const format = imageFormat(bytes)
  if (format === undefined) return { kind: 'damaged' }
  try {
    const image = open(bytes, { limitInputPixels: maxPixels, ignoreIcc: true, failOn: 'error' })
    const { data, info } = await image
      .toColourspace(isGrey(bytes, format) ? 'b-w' : 'srgb')
      .raw({ depth: 'uchar' })
      .toBuffer({ resolveWithObject: true })
    const { width, height, channels } = info
    if (channels === 1 || channels === 3) {
      return { kind: 'decoded', pixels: { width, height, channels, data }, hadAlpha: false }
    }
    const matted: Pixels = { width, height, channels: 3, data: mattedOnWhite(data, channels) }
    return { kind: 'decoded', pixels: matted, hadAlpha: true }
  } catch (error) {
    const tooMany = error instanceof Error && error.message.includes('exceeds pixel limit')
    return { kind: tooMany ? 'too-many-pixels' : 'damaged' }
  }
}

/** alpha × sample + (1 - alpha) × 255, rounded; grey with alpha becomes colour, as in OpenCV. */
function mattedOnWhite(data: Uint8Array, channels: number): Uint8Array {
  const count = data.length / channels
  const matted = new Uint8Array(count * 3)
  // Of two channels (grey, alpha) the first stands for all three colours.
  const [green, blue] = channels === 4 ? [1, 2] : [0, 0]
  for (let i = 0, at = 0, out = 0; i < count; i += 1, at += channels, out += 3) {
    const alpha = data[at + channels - 1] as number
    const white = 255 - alpha
    matted[out] = Math.round((alpha * (data[at] as number)) / 255 + white)
    matted[out + 1] = Math.round((alpha * (data[at + green] as number)) / 255 + white)
    matted[out + 2] = Math.round((alpha * (data[at + blue] as number)) / 255 + white)
  }
  return matted
}

interface Encoding {
  readonly format: EncodeFormat
  readonly quality: number
}

async function encode(
  open: typeof sharp,
  { width, height, channels, data }: Pixels,
  { format, quality }: Encoding,
): Promise<Uint8Array> {
  invariant(data.length === width * height * channels, 'pixels have the size they say')
  const raw = open(data, { raw: { width, height, channels }, limitInputPixels: false })
  const image = channels === 1 ? raw.toColourspace('b-w') : raw
  switch (format) {
    case 'jpg':
      // OpenCV's defaults: 4:2:0, baseline, standard Huffman tables. It takes quality 0 for 1.
      return image
        .jpeg({
          quality: Math.max(1, quality),
          chromaSubsampling: '4:2:0',
          optimiseCoding: false,
        })
        .toBuffer()
    case 'png':
      return image.png({ compressionLevel: quality, adaptiveFiltering: false }).toBuffer()
    default:
      return image.webp(quality > 100 ? { lossless: true, quality: 100 } : { quality }).toBuffer()
  }
}
