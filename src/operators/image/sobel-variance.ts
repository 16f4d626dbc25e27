import type { Operator } from '../operator.ts'
import { reflect } from './border.ts'
import { imageMetric } from './image-metric.ts'
import type { GreyImage } from './luma.ts'

/**
 * Variance of the Sobel gradient magnitude, the focus measure GRA7 of Pertuz et al., "Analysis of
 * focus measure operators for shape-from-focus" (Pattern Recognition 2013), over the whole image:
 *
 *     gx = [-1 0 1; -2 0 2; -1 0 1] * grey,  gy = its transpose,  var(sqrt(gx² + gy²))
 *
 * with mirrored borders and the population variance, as
 * `np.hypot(cv2.Sobel(grey, cv2.CV_64F, 1, 0), cv2.Sobel(grey, cv2.CV_64F, 0, 1)).var()`.
 */
export function sobelVariance(image: GreyImage): number {
  const { width, height } = image
  let sum = 0
  let sumOfSquares = 0
  // Per column: grey smoothed downwards [1 2 1], and its downward difference [-1 0 1].
  const smooth = new Int32Array(width)
  const slope = new Int32Array(width)
  for (let y = 0; y < height; y++) {
    filterColumns(image, y, smooth, slope)
    let rowSum = 0
    for (let x = 0; x < width; x++) {
      const left = x > 0 ? x - 1 : reflect(-1, width)
      const right = x + 1 < width ? x + 1 : reflect(width, width)
      const gx = (smooth[right] as number) - (smooth[left] as number)
      const middle = slope[x] as number
      const gy = (slope[left] as number) + 2 * middle + (slope[right] as number)
      const square = gx * gx + gy * gy
      sumOfSquares += square
      rowSum += Math.sqrt(square)
    }
    sum += rowSum
  }
  const count = width * height
  const mean = sum / count
  // The square sum is an exact integer; only a perfectly even slope can round below zero.
  return Math.max(0, sumOfSquares / count - mean * mean)
}

function filterColumns(image: GreyImage, y: number, smooth: Int32Array, slope: Int32Array): void {
  const { width, height, data } = image
  const row = y * width
  const above = reflect(y - 1, height) * width
  const below = reflect(y + 1, height) * width
  for (let x = 0; x < width; x++) {
    const upper = data[above + x] as number
    const lower = data[below + x] as number
    smooth[x] = upper + 2 * (data[row + x] as number) + lower
    slope[x] = lower - upper
  }
}

export const sobelVarianceOperator: Operator = imageMetric({
  name: 'sobel-variance',
  version: 1,
  summary: 'Edge contrast: variance of the Sobel gradient magnitude of the grey image.',
  field: 'sobel_variance',
  measure: sobelVariance,
})
