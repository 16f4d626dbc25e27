import type { Pixels } from './pixels.ts'
import type { Taps } from './resample-taps.ts'

/** More taps than this would lose too much in weights of 8 bits. */
const mostTaps = 12

/** Whether `shrinkArea` may be used: no negative weights, and few enough of them. */
export function suitsShrinkArea(rows: Taps): boolean {
  return rows.counts.every((count) => count <= mostTaps)
}

/**
 * The separable mean of `resample`, about four times faster: rows are summed four samples at a time
 * in 32-bit integers (two lanes of 16 bits, weights of 8 bits that sum to 256, so that no lane
 * overflows), columns with weights of 14 bits. Samples differ from exact arithmetic by 2 at most.
 */
export function shrinkArea(source: Pixels, columns: Taps, rows: Taps): Uint8Array {
  const { channels, data } = source
  const length = source.width * channels
  const words = length >> 2
  const lanes = new Uint16Array((words + 1) * 4)
  const sums: RowSums = {
    from: new DataView(data.buffer, data.byteOffset, data.byteLength),
    to: new Int32Array(lanes.buffer),
    words,
  }
  const rowWeights = wholeWeights(rows, 256)
  const columnWeights = wholeWeights(columns, 1 << 14)
  const indices = laneIndices(columns, channels)
  const rowOut = columns.starts.length * channels
  const target = new Uint8Array(rowOut * rows.starts.length)
  for (let y = 0; y < rows.starts.length; y += 1) {
    const from = rows.starts[y] as number
    const to = from + (rows.counts[y] as number)
    const offsets = Array.from(rows.positions.subarray(from, to), (row) => row * length)
    sumWords(sums, offsets, rowWeights.subarray(from, to))
    for (let x = words * 4; x < length; x += 1) {
      lanes[laneOf(x)] = offsets.reduce(
        (sum, offset, i) => sum + (data[offset + x] as number) * (rowWeights[from + i] as number),
        0,
      )
    }
    const out = target.subarray(y * rowOut, (y + 1) * rowOut)
    if (channels === 3) sumColour(out, lanes, { columns, weights: columnWeights, indices })
    else sumGrey(out, lanes, { columns, weights: columnWeights, indices })
  }
  return target
}

interface RowSums {
  readonly from: DataView
  readonly to: Int32Array
  readonly words: number
}

/** Four rows at a time; rows that are not there have the weight 0. */
function sumWords(sums: RowSums, offsets: readonly number[], weights: Int32Array): void {
  const [first = 0] = offsets
  for (let i = 0; i < offsets.length; i += 4) {
    const four: Rows = {
      o0: offsets[i] ?? first,
      o1: offsets[i + 1] ?? first,
      o2: offsets[i + 2] ?? first,
      o3: offsets[i + 3] ?? first,
      w0: weights[i] ?? 0,
      w1: weights[i + 1] ?? 0,
      w2: weights[i + 2] ?? 0,
      w3: weights[i + 3] ?? 0,
    }
    if (i === 0) setFourRows(sums, four)
    else addFourRows(sums, four)
  }
}

interface Rows {
  readonly o0: number
  readonly o1: number
  readonly o2: number
  readonly o3: number
  readonly w0: number
  readonly w1: number
  readonly w2: number
  readonly w3: number
}

/** Selects bytes 0 and 2 of a word as two lanes of 16 bits. */
const lanesMask = 0x00ff00ff

function setFourRows({ from, to, words }: RowSums, rows: Rows): void {
  const { o0, o1, o2, o3, w0, w1, w2, w3 } = rows
  for (let i = 0; i < words; i += 1) {
    const at = i * 4
    const a = from.getInt32(o0 + at, true)
    const b = from.getInt32(o1 + at, true)
    const c = from.getInt32(o2 + at, true)
    const d = from.getInt32(o3 + at, true)
    to[2 * i] =
      Math.imul(a & lanesMask, w0) +
      Math.imul(b & lanesMask, w1) +
      Math.imul(c & lanesMask, w2) +
      Math.imul(d & lanesMask, w3)
    to[2 * i + 1] =
      Math.imul((a >>> 8) & lanesMask, w0) +
      Math.imul((b >>> 8) & lanesMask, w1) +
      Math.imul((c >>> 8) & lanesMask, w2) +
      Math.imul((d >>> 8) & lanesMask, w3)
  }
}

function addFourRows({ from, to, words }: RowSums, rows: Rows): void {
  const { o0, o1, o2, o3, w0, w1, w2, w3 } = rows
  for (let i = 0; i < words; i += 1) {
    const at = i * 4
    const a = from.getInt32(o0 + at, true)
    const b = from.getInt32(o1 + at, true)
    const c = from.getInt32(o2 + at, true)
    const d = from.getInt32(o3 + at, true)
    to[2 * i] =
      (to[2 * i] as number) +
      Math.imul(a & lanesMask, w0) +
      Math.imul(b & lanesMask, w1) +
      Math.imul(c & lanesMask, w2) +
      Math.imul(d & lanesMask, w3)
    to[2 * i + 1] =
      (to[2 * i + 1] as number) +
      Math.imul((a >>> 8) & lanesMask, w0) +
      Math.imul((b >>> 8) & lanesMask, w1) +
      Math.imul((c >>> 8) & lanesMask, w2) +
      Math.imul((d >>> 8) & lanesMask, w3)
  }
}

/** Where the sum of byte `index` of a row lies: bytes 1 and 2 of each word change places. */
function laneOf(index: number): number {
  const inWord = index & 3
  return inWord === 1 ? index + 1 : inWord === 2 ? index - 1 : index
}

/** For each tap and channel, the lane it reads. */
function laneIndices({ positions }: Taps, channels: number): Int32Array {
  const indices = new Int32Array(positions.length * channels)
  for (let i = 0; i < indices.length; i += 1) {
    const tap = Math.floor(i / channels)
    indices[i] = laneOf((positions[tap] as number) * channels + (i - tap * channels))
  }
  return indices
}

interface Columns {
  readonly columns: Taps
  readonly weights: Int32Array
  readonly indices: Int32Array
}

/** Sums carry 8 + 14 bits of weight; half of that rounds. */
const shift = 22
const half = 1 << 21

function sumColour(
  out: Uint8Array,
  lanes: Uint16Array,
  { columns, weights, indices }: Columns,
): void {
  const { starts, counts } = columns
  for (let x = 0, o = 0; o < out.length; x += 1, o += 3) {
    let red = half
    let green = half
    let blue = half
    const from = starts[x] as number
    const to = from + (counts[x] as number)
    for (let tap = from, i = from * 3; tap < to; tap += 1, i += 3) {
      const weight = weights[tap] as number
      red = (red + Math.imul(weight, lanes[indices[i] as number] as number)) | 0
      green = (green + Math.imul(weight, lanes[indices[i + 1] as number] as number)) | 0
      blue = (blue + Math.imul(weight, lanes[indices[i + 2] as number] as number)) | 0
    }
    out[o] = red >> shift
    out[o + 1] = green >> shift
    out[o + 2] = blue >> shift
  }
}

function sumGrey(
  out: Uint8Array,
  lanes: Uint16Array,
  { columns, weights, indices }: Columns,
): void {
  const { starts, counts } = columns
  for (let x = 0; x < out.length; x += 1) {
    let sum = half
    const from = starts[x] as number
    const to = from + (counts[x] as number)
    for (let tap = from; tap < to; tap += 1) {
      sum = (sum + Math.imul(weights[tap] as number, lanes[indices[tap] as number] as number)) | 0
    }
    out[x] = sum >> shift
  }
}

/** Weights as integers that sum to `total` for each result: rounding is carried from tap to tap. */
function wholeWeights({ starts, counts, weights }: Taps, total: number): Int32Array {
  const whole = new Int32Array(weights.length)
  for (let i = 0; i < starts.length; i += 1) {
    let sum = 0
    let given = 0
    const from = starts[i] as number
    for (let tap = from; tap < from + (counts[i] as number); tap += 1) {
      sum += (weights[tap] as number) * total
      whole[tap] = Math.round(sum) - given
      given += whole[tap] as number
    }
  }
  return whole
}
