import { VarveError } from '../../model/index.ts'
import { nearest } from '../../util/index.ts'

/** img2dataset's `resize_mode`; `image-size.ts` says what each makes of a size. */
export const resizeModes = [
  'no',
  'keep_ratio',
  'keep_ratio_largest',
  'center_crop',
  'border',
] as const
export type ResizeMode = (typeof resizeModes)[number]

/** img2dataset's names; `linear` = `bilinear`, `cubic` = `bicubic`, `lanczos` = `lanczos4`. */
export const interpolations = [
  'nearest',
  'linear',
  'bilinear',
  'cubic',
  'bicubic',
  'area',
  'lanczos',
  'lanczos4',
] as const
export type Interpolation = (typeof interpolations)[number]

export const encodeFormats = ['jpg', 'png', 'webp'] as const
export type EncodeFormat = (typeof encodeFormats)[number]

/** What becomes of an image: img2dataset's options of the same (snake case) names and defaults. */
export interface ImageOptions {
  /** The side, in pixels, that `resizeMode` brings the image to. */
  readonly imageSize: number
  readonly resizeMode: ResizeMode
  /** Leave an image alone whose tested side is at most `imageSize`: no resize, crop or pad. */
  readonly resizeOnlyIfBigger: boolean
  readonly upscaleInterpolation: Interpolation
  readonly downscaleInterpolation: Interpolation
  readonly encodeFormat: EncodeFormat
  /** jpg: 0..100. png: 0..9, the effort of compression. webp: 1..100, more means lossless. */
  readonly encodeQuality: number
  /** Keep the source bytes where nothing changed the pixels and the format is already right. */
  readonly skipReencode: boolean
  /** Keep the bytes as they came, without looking at them. */
  readonly disableAllReencoding: boolean
  /** In pixels; filters look at the original size, in the order of these three. */
  readonly minImageSize: number
  readonly maxImageArea: number
  readonly maxAspectRatio: number
  readonly extractExif: boolean
  /** Larger images are refused before they are decoded. */
  readonly maxPixels: number
}

export const defaultImageOptions: ImageOptions = {
  imageSize: 256,
  resizeMode: 'border',
  resizeOnlyIfBigger: false,
  upscaleInterpolation: 'lanczos',
  downscaleInterpolation: 'area',
  encodeFormat: 'jpg',
  encodeQuality: 95,
  skipReencode: false,
  disableAllReencoding: false,
  minImageSize: 0,
  maxImageArea: Infinity,
  maxAspectRatio: Infinity,
  extractExif: true,
  maxPixels: 100_000_000,
}

/**
 * Options as they come from a command line or a settings file: fills in the defaults, or throws
 * `OPTIONS_INVALID` with every fault at once, in `data.faults` too.
 */
export function checkImageOptions(
  given: Readonly<Partial<Record<keyof ImageOptions, unknown>>>,
): ImageOptions {
  const set = Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined))
  const options = { ...defaultImageOptions, ...set } as ImageOptions
  const faults = [...unknownNames(set), ...faultsOf(options)]
  if (faults.length === 0) return options
  throw new VarveError('OPTIONS_INVALID', {
    what: `Image options have faults: ${faults.join('; ')}.`,
    data: { faults },
  })
}

function unknownNames(given: object): string[] {
  const known = Object.keys(defaultImageOptions)
  return Object.keys(given)
    .filter((name) => !known.includes(name))
    .map((name) => `${name} is unknown${didYouMean(nearest(name, known))}`)
}

function faultsOf(options: ImageOptions): string[] {
  const whole = { min: 1, max: 65_500, whole: true }
  return [
    ...numberFault('imageSize', options.imageSize, whole),
    ...choiceFault('resizeMode', options.resizeMode, resizeModes),
    ...flagFault('resizeOnlyIfBigger', options.resizeOnlyIfBigger),
    ...choiceFault('upscaleInterpolation', options.upscaleInterpolation, interpolations),
    ...choiceFault('downscaleInterpolation', options.downscaleInterpolation, interpolations),
    ...choiceFault('encodeFormat', options.encodeFormat, encodeFormats),
    ...qualityFault(options),
    ...flagFault('skipReencode', options.skipReencode),
    ...flagFault('disableAllReencoding', options.disableAllReencoding),
    ...numberFault('minImageSize', options.minImageSize, { min: 0 }),
    ...numberFault('maxImageArea', options.maxImageArea, { min: 0 }),
    ...numberFault('maxAspectRatio', options.maxAspectRatio, { min: 0 }),
    ...flagFault('extractExif', options.extractExif),
    ...numberFault('maxPixels', options.maxPixels, { min: 1 }),
  ]
}

/** img2dataset refuses png qualities outside 0..9 and lets OpenCV clamp the others; we refuse all. */
function qualityFault({ encodeFormat, encodeQuality }: ImageOptions): string[] {
  switch (encodeFormat) {
    case 'png': {
      const faults = numberFault('encodeQuality', encodeQuality, { min: 0, max: 9, whole: true })
      return faults.map((fault) => `${fault} (for png it is the effort of compression)`)
    }
    case 'webp':
      return numberFault('encodeQuality', encodeQuality, { min: 1, whole: true })
    default:
      return numberFault('encodeQuality', encodeQuality, { min: 0, max: 100, whole: true })
  }
}

interface Range {
  readonly min: number
  readonly max?: number
  readonly whole?: boolean
}

function numberFault(name: string, value: unknown, range: Range): string[] {
  const { min, max = Infinity, whole = false } = range
  const right = typeof value === 'number' && value >= min && value <= max
  if (right && (!whole || Number.isInteger(value))) return []
  const bounds = max === Infinity ? `of at least ${min}` : `from ${min} to ${max}`
  return [`${name} must be a ${whole ? 'whole ' : ''}number ${bounds}, not ${shown(value)}`]
}

function choiceFault(name: string, value: unknown, choices: readonly string[]): string[] {
  if (typeof value === 'string' && choices.includes(value)) return []
  const near = typeof value === 'string' ? didYouMean(nearest(value, choices)) : ''
  return [`${name} must be one of ${choices.join(', ')}, not ${shown(value)}${near}`]
}

function flagFault(name: string, value: unknown): string[] {
  return typeof value === 'boolean' ? [] : [`${name} must be true or false, not ${shown(value)}`]
}

function shown(value: unknown): string {
  return typeof value === 'number' ? String(value) : (JSON.stringify(value) ?? String(value))
}

function didYouMean(near: string | undefined): string {
  return near === undefined ? '' : `, did you mean "${near}"?`
}
