/** An RGB image of linear arithmetic: 3 interleaved samples per pixel, 0 to 255, not rounded. */
export interface Raster {
  readonly width: number
  readonly height: number
  readonly data: Float64Array
}

export interface Box {
  readonly left: number
  readonly top: number
  readonly width: number
  readonly height: number
}

/** Half the size by averages of 2 x 2, which sharpens an old print scanned at its grain. */
export function halve({ width, height, data }: Raster): Raster {
  const half = blank(Math.floor(width / 2), Math.floor(height / 2))
  for (let y = 0; y < half.height; y++) {
    for (let x = 0; x < half.width; x++) {
      for (let channel = 0; channel < 3; channel++) {
        const at = (2 * y * width + 2 * x) * 3 + channel
        const upper = value(data, at) + value(data, at + 3)
        const lower = value(data, at + 3 * width) + value(data, at + 3 * width + 3)
        half.data[(y * half.width + x) * 3 + channel] = (upper + lower) / 4
      }
    }
  }
  return half
}

export function crop({ width, data }: Raster, box: Box): Raster {
  const part = blank(box.width, box.height)
  for (let y = 0; y < box.height; y++) {
    const from = ((box.top + y) * width + box.left) * 3
    part.data.set(data.subarray(from, from + box.width * 3), y * box.width * 3)
  }
  return part
}

/** Standard deviation of the green samples inside the box: how much there is to see. */
export function contrast({ width, data }: Raster, box: Box): number {
  let sum = 0
  let squares = 0
  for (let y = box.top; y < box.top + box.height; y++) {
    for (let x = box.left; x < box.left + box.width; x++) {
      const green = value(data, (y * width + x) * 3 + 1)
      sum += green
      squares += green * green
    }
  }
  const count = box.width * box.height
  return Math.sqrt(squares / count - (sum / count) ** 2)
}

export function blank(width: number, height: number): Raster {
  return { width, height, data: new Float64Array(width * height * 3) }
}

/** A sample by its number; positions outside repeat the nearest edge sample. */
export function sampleAt(
  { width, height, data }: Raster,
  x: number,
  y: number,
  channel: number,
): number {
  const column = Math.min(width - 1, Math.max(0, x))
  const row = Math.min(height - 1, Math.max(0, y))
  return value(data, (row * width + column) * 3 + channel)
}

function value(data: Float64Array, at: number): number {
  return data[at] ?? 0
}
