import type { Pixels } from './decode.ts'

/** An 8-bit grey image, rows from the top. */
export interface GreyImage {
  readonly width: number
  readonly height: number
  readonly data: Uint8Array
}

/**
 * Luma of ITU-R BT.601 (0.299 R + 0.587 G + 0.114 B) in 15-bit fixed point, rounded to nearest:
 * the integers of OpenCV's `COLOR_BGR2GRAY` since 4.0 (before, 14 bits), so both give the same image
 * bit for bit.
 */
export function toGrey({ width, height, channels, data }: Pixels): GreyImage {
  if (channels === 1) return { width, height, data }
  const grey = new Uint8Array(width * height)
  for (let pixel = 0, sample = 0; pixel < grey.length; pixel++, sample += 3) {
    const red = data[sample] as number
    const green = data[sample + 1] as number
    const blue = data[sample + 2] as number
    grey[pixel] = (red * 9798 + green * 19235 + blue * 3735 + 16384) >> 15
  }
  return { width, height, data: grey }
}
