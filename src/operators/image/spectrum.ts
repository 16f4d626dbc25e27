import { fourierTransform } from './fourier.ts'
import type { GreyImage } from './luma.ts'

/**
 * The left half of an image's two-dimensional spectrum. Pixels are real, so the other half mirrors
 * it: F(u, v) = conjugate F(-u, -v). Values are unscaled; column u = 0..width/2, row v = 0..height-1,
 * stored column by column: index u · height + v.
 */
export interface HalfSpectrum {
  readonly columns: number
  readonly real: Float64Array
  readonly imaginary: Float64Array
}

export function halfSpectrum(image: GreyImage): HalfSpectrum {
  const { width, height } = image
  const columns = Math.floor(width / 2) + 1
  const real = new Float64Array(columns * height)
  const imaginary = new Float64Array(columns * height)
  transformRows(image, { columns, real, imaginary })
  const transform = fourierTransform(height)
  for (let u = 0; u < columns; u++) {
    const start = u * height
    transform(real.subarray(start, start + height), imaginary.subarray(start, start + height))
  }
  return { columns, real, imaginary }
}

/** Two rows at a time, one as the real and one as the imaginary part; symmetry parts them again. */
function transformRows({ width, height, data }: GreyImage, into: HalfSpectrum): void {
  const transform = fourierTransform(width)
  const real = new Float64Array(width)
  const imaginary = new Float64Array(width)
  for (let y = 0; y < height; y += 2) {
    const paired = y + 1 < height
    for (let x = 0; x < width; x++) {
      real[x] = data[y * width + x] as number
      imaginary[x] = paired ? (data[(y + 1) * width + x] as number) : 0
    }
    transform(real, imaginary)
    for (let u = 0; u < into.columns; u++) {
      const mirrored = u === 0 ? 0 : width - u
      const r = real[u] as number
      const i = imaginary[u] as number
      const mr = real[mirrored] as number
      const mi = imaginary[mirrored] as number
      const at = u * height + y
      into.real[at] = (r + mr) / 2
      into.imaginary[at] = (i - mi) / 2
      if (!paired) continue
      into.real[at + 1] = (i + mi) / 2
      into.imaginary[at + 1] = (mr - r) / 2
    }
  }
}
