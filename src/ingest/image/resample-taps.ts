import type { Interpolation } from './image-options.ts'

/**
 * Which source positions make each position of the result along one axis: result `i` is the sum
 * over taps starts[i] .. starts[i] + counts[i] - 1 of weight × sample. Weights of one `i` sum to 1.
 */
export interface Taps {
  readonly starts: Int32Array
  readonly counts: Int32Array
  readonly positions: Int32Array
  readonly weights: Float32Array
}

type Kernel = (fraction: number) => readonly number[]

/**
 * The taps of OpenCV's `resize`, after its documentation of the interpolation flags: `area` is the
 * mean over the cell a result covers, weighted by overlap (when an axis grows: linear within the
 * last sample of a cell); the others sample around (i + 0.5) × scale - 0.5 with 1, 2, 4 or 8 taps
 * whatever the scale, so that they alias when the image shrinks. Positions outside repeat the edge.
 */
export function resampleTaps(
  from: number,
  to: number,
  interpolation: Interpolation,
  grows: boolean,
): Taps {
  const scale = from / to
  switch (interpolation) {
    case 'nearest':
      return collect(to, (i, add) => add(Math.min(Math.floor(i * scale), from - 1), 1))
    case 'area':
      return grows ? growingAreaTaps(from, to) : areaTaps(from, to)
    case 'linear':
    case 'bilinear':
      // Halving is the one case where OpenCV's linear is the mean of two by two.
      return scale === 2 ? areaTaps(from, to) : kernelTaps(from, to, linearKernel)
    case 'cubic':
    case 'bicubic':
      return kernelTaps(from, to, cubicKernel)
    default:
      return kernelTaps(from, to, lanczosKernel)
  }
}

type Add = (position: number, weight: number) => void

function collect(to: number, taps: (i: number, add: Add) => void): Taps {
  const starts = new Int32Array(to)
  const counts = new Int32Array(to)
  const positions: number[] = []
  const weights: number[] = []
  const add: Add = (position, weight) => {
    positions.push(position)
    weights.push(weight)
  }
  for (let i = 0; i < to; i += 1) {
    starts[i] = positions.length
    taps(i, add)
    counts[i] = positions.length - (starts[i] as number)
  }
  const packed = { positions: Int32Array.from(positions), weights: Float32Array.from(weights) }
  return { starts, counts, ...packed }
}

/** Overlaps below a thousandth of a sample are left out, as OpenCV does. */
const leastOverlap = 1e-3

function areaTaps(from: number, to: number): Taps {
  const scale = from / to
  return collect(to, (i, add) => {
    const start = i * scale
    const end = start + scale
    const cell = Math.min(scale, from - start)
    const lastWhole = Math.min(Math.floor(end), from - 1)
    const firstWhole = Math.min(Math.ceil(start), lastWhole)
    if (firstWhole - start > leastOverlap) add(firstWhole - 1, (firstWhole - start) / cell)
    for (let position = firstWhole; position < lastWhole; position += 1) add(position, 1 / cell)
    const rest = end - lastWhole
    if (rest > leastOverlap) add(lastWhole, Math.min(rest, 1, cell) / cell)
  })
}

function growingAreaTaps(from: number, to: number): Taps {
  const scale = from / to
  return collect(to, (i, add) => {
    const position = Math.floor(i * scale)
    const past = i + 1 - (position + 1) / scale
    const fraction = past <= 0 ? 0 : past - Math.floor(past)
    add(position, 1 - fraction)
    add(Math.min(position + 1, from - 1), fraction)
  })
}

function kernelTaps(from: number, to: number, kernel: Kernel): Taps {
  const scale = from / to
  const reach = kernel(0).length / 2 - 1
  return collect(to, (i, add) => {
    const centre = (i + 0.5) * scale - 0.5
    const whole = Math.floor(centre)
    kernel(centre - whole).forEach((weight, k) => {
      add(Math.max(0, Math.min(from - 1, whole - reach + k)), weight)
    })
  })
}

const linearKernel: Kernel = (x) => [1 - x, x]

/** Keys' cubic convolution with a = -0.75. */
const cubicKernel: Kernel = (x) => {
  const a = -0.75
  const far = (t: number): number => ((a * t - 5 * a) * t + 8 * a) * t - 4 * a
  const near = (t: number): number => ((a + 2) * t - (a + 3)) * t * t + 1
  return [far(x + 1), near(x), near(1 - x), far(2 - x)]
}

/** Lanczos with four lobes, 8 taps, brought to a sum of 1. */
const lanczosKernel: Kernel = (x) => {
  const taps = Array.from({ length: 8 }, (_, k) => sinc(x + 3 - k) * sinc((x + 3 - k) / 4))
  const sum = taps.reduce((total, tap) => total + tap, 0)
  return taps.map((tap) => tap / sum)
}

function sinc(x: number): number {
  return Math.abs(x) < 1e-9 ? 1 : Math.sin(Math.PI * x) / (Math.PI * x)
}
