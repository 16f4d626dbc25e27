import type { Pixels } from './pixels.ts'

/** A box [x0, y0, x1, y1] in shares of width and height, 0..1 from the top left. */
export type Region = readonly [number, number, number, number]

/** Regions come from a column of the user's list, where anything can be. */
export function isRegion(value: unknown): value is Region {
  return Array.isArray(value) && value.length === 4 && value.every(Number.isFinite)
}

/**
 * Blurs boxes out, with img2dataset's recipe (`blurrer.py`, after the ImageNet face study): each
 * box grows by a tenth of its larger side, sigma is a tenth of the largest of those sides, and the
 * mask is blurred as the image is, so that the edge of a box is soft. Samples are cut, not rounded.
 */
export function blurRegions(pixels: Pixels, regions: readonly Region[]): Pixels {
  const boxes = regions.map((region) => boxOf(region, pixels))
  const sigma = 0.1 * Math.max(0, ...boxes.map(({ side }) => side))
  if (sigma === 0) return pixels
  const { width, height, channels } = pixels
  const kernel = gaussian(sigma)
  const image = Float32Array.from(pixels.data)
  const mask = new Float32Array(width * height)
  for (const { left, top, right, bottom } of boxes) {
    for (let y = top; y < bottom; y += 1) mask.fill(1, y * width + left, y * width + right)
  }
  const blurred = blur(image, { width, height, channels }, kernel)
  const softMask = blur(mask, { width, height, channels: 1 }, kernel)
  const data = new Uint8Array(image.length)
  for (let i = 0; i < image.length; i += 1) {
    const share = softMask[Math.floor(i / channels)] as number
    const sharp = image[i] as number
    // Outside of every mask the sample is what it was, whatever rounding of floats says.
    data[i] = share < 1e-6 ? sharp : sharp * (1 - share) + (blurred[i] as number) * share
  }
  return { width, height, channels, data }
}

interface Box {
  readonly side: number
  readonly left: number
  readonly top: number
  readonly right: number
  readonly bottom: number
}

function boxOf([x0, y0, x1, y1]: Region, { width, height }: Pixels): Box {
  const [left, top] = [Math.trunc(x0 * width), Math.trunc(y0 * height)]
  const [right, bottom] = [Math.trunc(x1 * width), Math.trunc(y1 * height)]
  const side = Math.max(right - left, bottom - top)
  const within = (value: number, limit: number): number =>
    Math.max(0, Math.min(limit, Math.trunc(value)))
  return {
    side,
    left: within(left - 0.1 * side, width),
    top: within(top - 0.1 * side, height),
    right: within(right + 0.1 * side, width),
    bottom: within(bottom + 0.1 * side, height),
  }
}

/** Weights of a Gaussian out to four sigma on each side, with a sum of 1. */
function gaussian(sigma: number): Float32Array {
  const reach = Math.ceil(4 * sigma)
  const weights = Array.from({ length: 2 * reach + 1 }, (_, i) =>
    Math.exp(-((i - reach) ** 2) / (2 * sigma * sigma)),
  )
  const sum = weights.reduce((total, weight) => total + weight, 0)
  return Float32Array.from(weights, (weight) => weight / sum)
}

interface Plane {
  readonly width: number
  readonly height: number
  readonly channels: number
}

function blur(samples: Float32Array, plane: Plane, kernel: Float32Array): Float32Array {
  const { width, height, channels } = plane
  const rowLength = width * channels
  const axes = [
    { count: height, length: width, step: channels, stride: rowLength },
    { count: width, length: height, step: rowLength, stride: channels },
  ]
  return axes.reduce((from, axis) => {
    const to = new Float32Array(from.length)
    for (let line = 0; line < axis.count; line += 1) {
      for (let channel = 0; channel < channels; channel += 1) {
        const start = line * axis.stride + channel
        blurLine({ from, to, start, step: axis.step, length: axis.length }, kernel)
      }
    }
    return to
  }, samples)
}

interface Line {
  readonly from: Float32Array
  readonly to: Float32Array
  readonly start: number
  readonly step: number
  readonly length: number
}

function blurLine({ from, to, start, step, length }: Line, kernel: Float32Array): void {
  const reach = kernel.length >> 1
  for (let i = 0; i < length; i += 1) {
    let sum = 0
    for (let k = 0; k < kernel.length; k += 1) {
      const position = mirrored(i + k - reach, length)
      sum += (kernel[k] as number) * (from[start + position * step] as number)
    }
    to[start + i * step] = sum
  }
}

/** OpenCV's default border, …2 1 | 0 1 2 … n-1 | n-2…, as often as it takes. */
function mirrored(position: number, length: number): number {
  if (length === 1) return 0
  const period = 2 * (length - 1)
  const at = ((position % period) + period) % period
  return at < length ? at : period - at
}
