import type { Operator } from '../operator.ts'
import { imageMetric } from './image-metric.ts'
import type { GreyImage } from './luma.ts'
import { halfSpectrum } from './spectrum.ts'

/** Half the side of the square of low frequencies that is left out, as a share of each side. */
const lowShare = 1 / 8

/**
 * Mean log-magnitude of the high frequencies of the grey image:
 *
 *     mean of ln(1 + |F(u, v)| / sqrt(width · height)) over |u| >= width/8 or |v| >= height/8
 *
 * where F is the unscaled discrete Fourier transform and u, v are signed frequencies. It is the
 * familiar high-pass recipe (transform, blank a centred square, mean of the log), after Liu, Li and
 * Jia, "Image partial blur detection and classification" (CVPR 2008), with two changes that make it
 * well defined: ln(1 + x) has no pole at zero, and the orthonormal scale makes the figure
 * independent of the number of pixels.
 */
export function fftLogMagnitude(image: GreyImage): number {
  const { width, height } = image
  const { columns, real, imaginary } = halfSpectrum(image)
  const scale = 1 / Math.sqrt(width * height)
  let sum = 0
  let count = 0
  for (let u = 0; u < columns; u++) {
    // Columns 0 and width/2 are their own mirror image; the others stand for two.
    const weight = u === 0 || 2 * u === width ? 1 : 2
    const lowColumn = u < width * lowShare
    let columnSum = 0
    for (let v = 0; v < height; v++) {
      if (lowColumn && Math.min(v, height - v) < height * lowShare) continue
      const at = u * height + v
      const r = real[at] as number
      const i = imaginary[at] as number
      columnSum += Math.log1p(Math.sqrt(r * r + i * i) * scale)
      count += weight
    }
    sum += weight * columnSum
  }
  return count === 0 ? 0 : sum / count
}

export const fftLogMagnitudeOperator: Operator = imageMetric({
  name: 'fft-log-magnitude',
  version: 1,
  summary: 'Fine texture: mean log-magnitude of the spectrum without its low frequencies.',
  field: 'fft_log_magnitude',
  measure: fftLogMagnitude,
})
