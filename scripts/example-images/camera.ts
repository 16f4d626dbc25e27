import { blank, sampleAt, type Raster } from './raster.ts'

/** Out of focus: a Gaussian of this standard deviation in pixels, cut at four of them. */
export function defocus(image: Raster, sigma: number): Raster {
  const reach = Math.ceil(4 * sigma)
  const weights = Array.from({ length: 2 * reach + 1 }, (_, at) =>
    Math.exp(-((at - reach) ** 2) / (2 * sigma * sigma)),
  )
  const total = weights.reduce((sum, weight) => sum + weight, 0)
  const pass = (from: Raster, dx: number, dy: number): Raster =>
    fill(from, (x, y, channel) => {
      const sum = weights.reduce((sum, weight, at) => {
        const offset = at - reach
        return sum + weight * sampleAt(from, x + dx * offset, y + dy * offset, channel)
      }, 0)
      return sum / total
    })
  return pass(pass(image, 1, 0), 0, 1)
}

export interface Screen {
  /** Distance of the screen's pixels in pixels of the photograph. */
  readonly pitch: number
  /** How the camera was turned against the screen, in degrees. */
  readonly angle: number
}

/** Light-sensitive part of a sensor cell, as a share of its side. */
const cell = 0.45

/**
 * A photograph of a screen that shows the image: red, green and blue stripes beside each other and
 * dark gaps between rows, seen by a sensor with gaps between its cells. Stripes finer than
 * the sensor can resolve come back as slow coloured bands: moiré.
 */
export function photographScreen(image: Raster, { pitch, angle }: Screen): Raster {
  const across = Math.cos((angle * Math.PI) / 180) / pitch
  const along = Math.sin((angle * Math.PI) / 180) / pitch
  const light = (x: number, y: number, channel: number): number => {
    const column = x * across + y * along - channel / 3
    const row = y * across - x * along
    return stripe(column) * (0.55 + 0.45 * stripe(row))
  }
  return fill(image, (x, y, channel) => {
    const seen =
      light(x, y, channel) +
      light(x + cell, y, channel) +
      light(x, y + cell, channel) +
      light(x + cell, y + cell, channel)
    return (1.9 * sampleAt(image, x, y, channel) * seen) / 4
  })
}

/** Brightness 0 to 1 across one stripe and its gap. */
function stripe(position: number): number {
  return 0.5 + 0.5 * Math.cos(2 * Math.PI * position)
}

function fill(like: Raster, paint: (x: number, y: number, channel: number) => number): Raster {
  const image = blank(like.width, like.height)
  for (let at = 0; at < image.data.length; at++) {
    const pixel = Math.floor(at / 3)
    image.data[at] = paint(pixel % image.width, Math.floor(pixel / image.width), at % 3)
  }
  return image
}
