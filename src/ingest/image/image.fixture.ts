import { spawnSync } from 'node:child_process'
import sharp, { type Sharp } from 'sharp'
import type { Pixels } from './pixels.ts'

/** Broad slopes, edges and a little grain, as a photograph has them; the same for the same seed. */
export function photo(width: number, height: number, channels: 1 | 3 = 3, seed = 1): Pixels {
  const data = new Uint8Array(width * height * channels)
  const grain = bytes(data.length, seed)
  for (let i = 0; i < data.length; i += 1) {
    const pixel = Math.floor(i / channels)
    const [x, y] = [pixel % width, Math.floor(pixel / width)]
    const slope = 90 * Math.sin(x / 37 + (i % channels) + seed) * Math.cos(y / 23)
    const edge = (x * 3 + y * 5) % 97 < 40 ? 40 : -40
    data[i] = Math.max(0, Math.min(255, 128 + slope + edge + ((grain[i] as number) % 17) - 8))
  }
  return { width, height, channels, data }
}

/** A reproducible stream of bytes (xorshift32). */
export function bytes(length: number, seed: number): Uint8Array {
  let state = (seed * 2_654_435_761) | 1
  return Uint8Array.from({ length }, () => {
    state ^= state << 13
    state ^= state >>> 17
    state ^= state << 5
    return state & 255
  })
}

interface Layout {
  readonly width: number
  readonly height: number
  readonly channels: 1 | 2 | 3 | 4
}

export function encoder(data: Uint8Array, { width, height, channels }: Layout): Sharp {
  const image = sharp(data, { raw: { width, height, channels } })
  return channels < 3 ? image.toColourspace('b-w') : image
}

export function pngOf(pixels: Pixels): Promise<Buffer> {
  return encoder(pixels.data, pixels).png().toBuffer()
}

export function jpegOf(pixels: Pixels): Promise<Buffer> {
  return encoder(pixels.data, pixels).jpeg({ quality: 90 }).toBuffer()
}

/** Samples of an encoded image as they are stored. */
export async function samplesOf(image: Uint8Array): Promise<Pixels> {
  const channels = (await sharp(image).metadata()).channels === 1 ? 1 : 3
  const { data, info } = await sharp(image)
    .toColourspace(channels === 1 ? 'b-w' : 'srgb')
    .raw()
    .toBuffer({ resolveWithObject: true })
  return { width: info.width, height: info.height, channels, data }
}

/** A Python that has OpenCV, or undefined; looked up only, since loading it takes a second. */
export const openCvPython = ['/usr/bin/python3', 'python3'].find((python) => {
  const look = 'import importlib.util as i; assert i.find_spec("cv2") and i.find_spec("numpy")'
  return spawnSync(python, ['-c', look]).status === 0
})
