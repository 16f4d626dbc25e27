import { blurRegions, isRegion, type Region } from './blur-regions.ts'
import { cropAndPad } from './crop-and-pad.ts'
import { exifJson } from './exif/exif-json.ts'
import { extensionOf } from './extension-of.ts'
import { imageFormat } from './image-header.ts'
import type { ImageOptions } from './image-options.ts'
import { planSize, sizeRefusal } from './image-size.ts'
import { undecoded, type MediaFacts } from './media-facts.ts'
import type { Pixels } from './pixels.ts'
import { resample } from './resample.ts'
import { openSharpCodec, type ImageCodec } from './sharp-codec.ts'

export type ImageOutcome =
  | { readonly kind: 'image'; readonly bytes: Uint8Array; readonly facts: MediaFacts }
  /** A text of img2dataset's `failed_to_resize`, where it has one. */
  | { readonly kind: 'failed'; readonly error: string }

export interface ImageProcessor {
  /** Never throws for what is in `bytes`. `regions` are blurred after the resize. */
  process(bytes: Uint8Array, regions?: readonly Region[]): Promise<ImageOutcome>
}

/** Opens what makes images of the size and format `options` ask for (see `checkImageOptions`). */
export async function openImageProcessor(options: ImageOptions): Promise<ImageProcessor> {
  if (options.disableAllReencoding) return { process: (bytes) => keepAsItCame(bytes, options) }
  const codec = await openSharpCodec()
  return { process: (bytes, regions) => processImage({ codec, options }, bytes, regions) }
}

async function keepAsItCame(bytes: Uint8Array, options: ImageOptions): Promise<ImageOutcome> {
  const facts = undecoded(await extensionOf(bytes))
  return { kind: 'image', bytes, facts: { ...facts, ...exifOf(bytes, options) } }
}

interface Means {
  readonly codec: ImageCodec
  readonly options: ImageOptions
}

async function processImage(
  { codec, options }: Means,
  bytes: Uint8Array,
  regions: readonly Region[] | undefined,
): Promise<ImageOutcome> {
  const decoded = await codec.decode(bytes, options.maxPixels)
  if (decoded.kind === 'damaged') return failed('Image decoding error')
  if (decoded.kind === 'too-many-pixels') return failed('image has too many pixels')
  const original = decoded.pixels
  const refusal = sizeRefusal(original, options)
  if (refusal !== undefined) return failed(refusal)
  if (regions?.every(isRegion) === false) return failed('a region is not [x0, y0, x1, y1]')
  const made = reshape(original, options, regions)
  if (made === undefined) return failed('resized image would have no pixels')
  // img2dataset forgets this for blurred images it did not resize, and keeps the faces it blurred.
  const unchanged = made === original && !decoded.hadAlpha
  const keep = options.skipReencode && unchanged && isOfFormat(bytes, options)
  const { encodeFormat, encodeQuality } = options
  return {
    kind: 'image',
    bytes: keep ? bytes : await codec.encode(made, encodeFormat, encodeQuality),
    facts: {
      extension: encodeFormat,
      width: made.width,
      height: made.height,
      originalWidth: original.width,
      originalHeight: original.height,
      ...exifOf(bytes, options),
    },
  }
}

/** Resize, blur, crop and pad; undefined when a side would be 0, the same pixels when nothing is to do. */
function reshape(
  original: Pixels,
  options: ImageOptions,
  regions: readonly Region[] = [],
): Pixels | undefined {
  const plan = planSize(original, options)
  if (plan === undefined) return blurRegions(original, regions)
  const { resized, final, downscale } = plan
  if (resized.width === 0 || resized.height === 0) return undefined
  const interpolation = downscale ? options.downscaleInterpolation : options.upscaleInterpolation
  const small = resample(original, { ...resized, interpolation })
  return { ...cropAndPad(blurRegions(small, regions), final) }
}

function isOfFormat(bytes: Uint8Array, { encodeFormat }: ImageOptions): boolean {
  return imageFormat(bytes) === (encodeFormat === 'jpg' ? 'jpeg' : encodeFormat)
}

function exifOf(bytes: Uint8Array, { extractExif }: ImageOptions): Pick<MediaFacts, 'exif'> {
  return extractExif ? { exif: exifJson(bytes) } : {}
}

function failed(error: string): ImageOutcome {
  return { kind: 'failed', error }
}
