import type { ImageOptions } from './image-options.ts'

export interface Size {
  readonly width: number
  readonly height: number
}

/** How an image gets its size: resize to `resized`, then cut out or pad to `final`, centred. */
export interface SizePlan {
  /** Chooses the interpolation: the tested side is larger than the size asked for. */
  readonly downscale: boolean
  readonly resized: Size
  readonly final: Size
}

type SizeOptions = Pick<ImageOptions, 'imageSize' | 'resizeMode' | 'resizeOnlyIfBigger'>

/**
 * img2dataset's resize arithmetic (`resizer.py` over albumentations 1.x), in doubles as there:
 *
 * | mode               | tested side | result                                             |
 * |--------------------|-------------|----------------------------------------------------|
 * | no                 |             | as it is                                           |
 * | keep_ratio         | smaller     | smaller side = size, other = round(side × ratio)   |
 * | center_crop        | smaller     | keep_ratio, then the central size × size           |
 * | keep_ratio_largest | larger      | larger side = size, other = round(side × ratio)    |
 * | border             | larger      | keep_ratio_largest, then white around to size²     |
 *
 * Answers undefined when the pixels stay as they are. A side of the result may be 0 (1000 × 1 made
 * 256 wide); such an image cannot be made.
 */
export function planSize(original: Size, options: SizeOptions): SizePlan | undefined {
  const { imageSize, resizeMode, resizeOnlyIfBigger } = options
  if (resizeMode === 'no') return undefined
  const bySmaller = resizeMode === 'keep_ratio' || resizeMode === 'center_crop'
  const tested = (bySmaller ? Math.min : Math.max)(original.width, original.height)
  const downscale = tested > imageSize
  if (resizeOnlyIfBigger && !downscale) return undefined
  const ratio = imageSize / tested
  const resized = {
    width: roundHalfToEven(original.width * ratio),
    height: roundHalfToEven(original.height * ratio),
  }
  const square = resizeMode === 'center_crop' || resizeMode === 'border'
  return { downscale, resized, final: square ? { width: imageSize, height: imageSize } : resized }
}

/** Where the smaller of two centred boxes starts in the larger: the odd pixel goes to the end. */
export function centredOffset(outer: number, inner: number): number {
  return Math.floor((outer - inner) / 2)
}

type FilterOptions = Pick<ImageOptions, 'minImageSize' | 'maxImageArea' | 'maxAspectRatio'>

/** The first filter the original size does not pass, in img2dataset's order and words. */
export function sizeRefusal(original: Size, options: FilterOptions): string | undefined {
  const { width, height } = original
  const smaller = Math.min(width, height)
  if (smaller < options.minImageSize) return 'image too small'
  if (width * height > options.maxImageArea) return 'image area too large'
  if (Math.max(width, height) / smaller > options.maxAspectRatio) return 'aspect ratio too large'
  return undefined
}

/** Python's `round`. */
function roundHalfToEven(value: number): number {
  const floor = Math.floor(value)
  const rest = value - floor
  if (rest !== 0.5) return Math.round(value)
  return floor % 2 === 0 ? floor : floor + 1
}
