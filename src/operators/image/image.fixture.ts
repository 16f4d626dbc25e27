import { loadSharp } from './decode.ts'
import type { GreyImage } from './luma.ts'

/** A reproducible stream of bytes (xorshift32). */
export function noise(length: number, seed: number): Uint8Array {
  let state = seed | 1
  return Uint8Array.from({ length }, () => {
    state ^= state << 13
    state ^= state >>> 17
    state ^= state << 5
    return state & 255
  })
}

export function greyNoise(width: number, height: number, seed: number): GreyImage {
  return { width, height, data: noise(width * height, seed) }
}

interface RawImage {
  readonly width: number
  readonly height: number
  readonly channels: 1 | 2 | 3 | 4
}

/** A PNG with exactly these samples. */
export async function encodePng(shape: RawImage, data: Uint8Array): Promise<Buffer> {
  const sharp = await loadSharp()
  const image = sharp(data, { raw: shape })
  return (shape.channels < 3 ? image.toColourspace('b-w') : image).png().toBuffer()
}
