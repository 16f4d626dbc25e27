import type { Interpolation } from './image-options.ts'
import type { Pixels } from './pixels.ts'
import { resampleTaps, type Taps } from './resample-taps.ts'
import { shrinkArea, suitsShrinkArea } from './shrink-area.ts'

export interface ResampleOptions {
  readonly width: number
  readonly height: number
  readonly interpolation: Interpolation
}

/** Brings pixels to another size as OpenCV's `resize` does; samples differ from it by 2 at most. */
export function resample(source: Pixels, options: ResampleOptions): Pixels {
  const { width, height, interpolation } = options
  if (width === source.width && height === source.height) return source
  const grows = width > source.width || height > source.height
  const columns = resampleTaps(source.width, width, interpolation, grows)
  const rows = resampleTaps(source.height, height, interpolation, grows)
  const quick = interpolation === 'area' && !grows && suitsShrinkArea(rows)
  const data = quick ? shrinkArea(source, columns, rows) : weigh(source, columns, rows)
  return { width, height, channels: source.channels, data }
}

/**
 * Rows first: one row of sums per row of the result, over the whole width of the source; then that
 * row is brought to the new width. Loops run on flat arrays, and taps of one row share no work with
 * the next, so memory is one row.
 */
function weigh(source: Pixels, columns: Taps, rows: Taps): Uint8Array {
  const { channels } = source
  const length = source.width * channels
  const height = rows.starts.length
  const rowOut = columns.starts.length * channels
  const target = new Uint8Array(rowOut * height)
  const sums = new Float32Array(length)
  for (let y = 0; y < height; y += 1) {
    sumRows(sums, source.data, rows, y)
    const out = target.subarray(y * rowOut, (y + 1) * rowOut)
    if (channels === 3) sumColumnsOfColour(out, sums, columns)
    else sumColumnsOfGrey(out, sums, columns)
  }
  return target
}

/** sums[x] = the weighted sum of column x over the source rows that row `y` of the result covers. */
function sumRows(sums: Float32Array, source: Uint8Array, taps: Taps, y: number): void {
  const length = sums.length
  const { positions, weights } = taps
  const from = taps.starts[y] as number
  const to = from + (taps.counts[y] as number)
  let at = from
  let offset = (positions[at] as number) * length
  let weight = weights[at] as number
  for (let x = 0; x < length; x += 1) sums[x] = weight * (source[offset + x] as number)
  // Two rows at a time halves the traffic on `sums`, which is what this loop waits for.
  for (at += 1; at + 1 < to; at += 2) {
    offset = (positions[at] as number) * length
    weight = weights[at] as number
    const offset2 = (positions[at + 1] as number) * length
    const weight2 = weights[at + 1] as number
    for (let x = 0; x < length; x += 1) {
      sums[x] =
        (sums[x] as number) +
        weight * (source[offset + x] as number) +
        weight2 * (source[offset2 + x] as number)
    }
  }
  if (at >= to) return
  offset = (positions[at] as number) * length
  weight = weights[at] as number
  for (let x = 0; x < length; x += 1) {
    sums[x] = (sums[x] as number) + weight * (source[offset + x] as number)
  }
}

function sumColumnsOfGrey(out: Uint8Array, sums: Float32Array, taps: Taps): void {
  const { positions, weights, starts, counts } = taps
  for (let x = 0; x < out.length; x += 1) {
    let sum = 0
    const from = starts[x] as number
    const to = from + (counts[x] as number)
    for (let at = from; at < to; at += 1) {
      sum += (weights[at] as number) * (sums[positions[at] as number] as number)
    }
    out[x] = toSample(sum)
  }
}

function sumColumnsOfColour(out: Uint8Array, sums: Float32Array, taps: Taps): void {
  const { positions, weights, starts, counts } = taps
  for (let x = 0, o = 0; o < out.length; x += 1, o += 3) {
    let red = 0
    let green = 0
    let blue = 0
    const from = starts[x] as number
    const to = from + (counts[x] as number)
    for (let at = from; at < to; at += 1) {
      const weight = weights[at] as number
      const p = (positions[at] as number) * 3
      red += weight * (sums[p] as number)
      green += weight * (sums[p + 1] as number)
      blue += weight * (sums[p + 2] as number)
    }
    out[o] = toSample(red)
    out[o + 1] = toSample(green)
    out[o + 2] = toSample(blue)
  }
}

/** The nearest sample; kernels with negative weights overshoot. */
function toSample(value: number): number {
  return value < 0 ? 0 : value > 254.5 ? 255 : (value + 0.5) | 0
}
