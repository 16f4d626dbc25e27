import type sharp from 'sharp'
import { messageOf, unreachable } from '../../util/index.ts'
import { inputRefused } from '../input-refused.ts'
import type { OperatorFile } from '../operator.ts'

/** Interleaved 8-bit samples, rows from the top: 1 channel (grey) or 3 (red, green, blue). */
export interface Pixels {
  readonly width: number
  readonly height: number
  readonly channels: 1 | 3
  readonly data: Uint8Array
}

export type DecodeOutcome =
  | { readonly kind: 'decoded'; readonly pixels: Pixels }
  | { readonly kind: 'unsupported-format'; readonly format: string }
  | { readonly kind: 'too-many-pixels'; readonly pixels: number; readonly limit: number }
  | { readonly kind: 'animated'; readonly pages: number }
  | { readonly kind: 'damaged'; readonly message: string }

/** 100 megapixels: 300 MB of samples, the most one worker should hold. */
export const pixelLimit = 100_000_000

/** Raster formats whose pixels do not depend on the machine (SVG and PDF depend on its fonts). */
const formats = new Set(['jpeg', 'png', 'webp', 'gif', 'tiff', 'heif'])

let loaded: Promise<typeof sharp> | undefined

/**
 * The only way to sharp, loaded on first use because it costs 100 ms. One image per core: the pool
 * of workers is the parallelism, so libvips gets one thread and no cache.
 */
export function loadSharp(): Promise<typeof sharp> {
  loaded ??= import('sharp').then(({ default: library }) => {
    library.concurrency(1)
    library.cache(false)
    return library
  })
  return loaded
}

/**
 * Decodes to the samples OpenCV's `imread(path, IMREAD_COLOR)` gives: EXIF orientation applied,
 * alpha dropped without blending, 16 bits cut to the upper 8, colour profiles ignored. CMYK goes
 * through libvips' built-in profile. Animations are refused rather than judged by one frame.
 */
export async function decode(
  bytes: Uint8Array,
  limit: number = pixelLimit,
): Promise<DecodeOutcome> {
  const open = await loadSharp()
  try {
    const image = open(bytes, { limitInputPixels: false, ignoreIcc: true, failOn: 'error' })
    const { format, width, height, pages = 1, channels } = await image.metadata()
    if (!formats.has(format)) return { kind: 'unsupported-format', format }
    if (pages > 1) return { kind: 'animated', pages }
    const pixels = width * height
    if (pixels > limit) return { kind: 'too-many-pixels', pixels, limit }
    const grey = channels <= 2
    const { data, info } = await image
      .autoOrient()
      .removeAlpha()
      .toColourspace(grey ? 'b-w' : 'srgb')
      .raw({ depth: 'uchar' })
      .toBuffer({ resolveWithObject: true })
    const decoded = { width: info.width, height: info.height, data }
    return { kind: 'decoded', pixels: { ...decoded, channels: info.channels === 1 ? 1 : 3 } }
  } catch (error) {
    return { kind: 'damaged', message: messageOf(error) }
  }
}

/** Decodes a file of a datum; everything but pixels becomes an `INPUT_REFUSED` with its reason. */
export async function decodeFile(file: OperatorFile, limit: number = pixelLimit): Promise<Pixels> {
  const outcome = await decode(file.bytes, limit)
  if (outcome.kind === 'decoded') return outcome.pixels
  throw inputRefused(file, outcome.kind, explain(outcome))
}

function explain(outcome: Exclude<DecodeOutcome, { kind: 'decoded' }>): string {
  switch (outcome.kind) {
    case 'unsupported-format':
      return `images of format ${outcome.format} are not taken.`
    case 'too-many-pixels':
      return `it has ${outcome.pixels} pixels, the limit is ${outcome.limit}.`
    case 'animated':
      return `it has ${outcome.pages} frames or pages; extract one first.`
    case 'damaged':
      return `it cannot be decoded: ${outcome.message}`
    default:
      return unreachable(outcome)
  }
}
