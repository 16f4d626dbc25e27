import { centredOffset, type Size } from './image-size.ts'
import type { Pixels } from './pixels.ts'

/** The central part of `size`, and white around where the pixels are smaller than `size`. */
export function cropAndPad(pixels: Pixels, size: Size): Pixels {
  const { width, height } = size
  const { channels } = pixels
  if (width === pixels.width && height === pixels.height) return pixels
  const columns = Math.min(width, pixels.width)
  const rows = Math.min(height, pixels.height)
  const data = new Uint8Array(width * height * channels).fill(255)
  const fromX = centredOffset(pixels.width, columns)
  const fromY = centredOffset(pixels.height, rows)
  const toX = centredOffset(width, columns)
  const toY = centredOffset(height, rows)
  for (let y = 0; y < rows; y += 1) {
    const from = ((fromY + y) * pixels.width + fromX) * channels
    const to = ((toY + y) * width + toX) * channels
    data.set(pixels.data.subarray(from, from + columns * channels), to)
  }
  return { width, height, channels, data }
}
