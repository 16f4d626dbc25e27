import { reflect } from './border.ts'
import { imageMetric } from './image-metric.ts'
import type { GreyImage } from './luma.ts'
import type { Operator } from '../operator.ts'

/**
 * Variance of the Laplacian: the focus measure LAPV of Pech-Pacheco et al., "Diatom autofocusing in
 * brightfield microscopy" (ICPR 2000). Low for blurred images. The kernel is [0 1 0; 1 -4 1; 0 1 0]
 * with mirrored borders, so the figure equals `cv2.Laplacian(grey, cv2.CV_64F).var()`.
 *
 * Sums are integers below 2^53 for any image under the pixel limit, so nothing is rounded before
 * the last line.
 */
export function laplacianVariance({ width, height, data }: GreyImage): number {
  let sum = 0
  let sumOfSquares = 0
  for (let y = 0; y < height; y++) {
    const row = y * width
    const above = reflect(y - 1, height) * width
    const below = reflect(y + 1, height) * width
    for (let x = 0; x < width; x++) {
      const left = x > 0 ? x - 1 : reflect(-1, width)
      const right = x + 1 < width ? x + 1 : reflect(width, width)
      const sides = (data[row + left] as number) + (data[row + right] as number)
      const ends = (data[above + x] as number) + (data[below + x] as number)
      const value = sides + ends - 4 * (data[row + x] as number)
      sum += value
      sumOfSquares += value * value
    }
  }
  const count = width * height
  const mean = sum / count
  return sumOfSquares / count - mean * mean
}

export const laplacianVarianceOperator: Operator = imageMetric({
  name: 'laplacian-variance',
  version: 1,
  summary: 'Sharpness: variance of the 3x3 Laplacian of the grey image. Low when blurred.',
  field: 'laplacian_variance',
  measure: laplacianVariance,
})
