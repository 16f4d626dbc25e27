import fc from 'fast-check'
import { expect, test } from 'vitest'
import { runOperator } from '../operator.fixture.ts'
import { reflect } from './border.ts'
import { fftLogMagnitude } from './fft-log-magnitude.ts'
import { encodePng, greyNoise, noise } from './image.fixture.ts'
import { laplacianVariance, laplacianVarianceOperator } from './laplacian-variance.ts'
import type { GreyImage } from './luma.ts'
import { sobelVariance } from './sobel-variance.ts'

/** Correlation with a 3x3 kernel, mirrored borders: the definition the fast kernels must meet. */
function correlate({ width, height, data }: GreyImage, kernel: number[][]): number[] {
  return Array.from(data, (_, at) => {
    const x = at % width
    const y = Math.floor(at / width)
    let sum = 0
    for (let dy = -1; dy <= 1; dy++) {
      for (let dx = -1; dx <= 1; dx++) {
        const pixel = data[reflect(y + dy, height) * width + reflect(x + dx, width)] ?? NaN
        sum += pixel * (kernel[dy + 1]?.[dx + 1] ?? NaN)
      }
    }
    return sum
  })
}

function variance(values: number[]): number {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length
  return values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length
}

const images = fc
  .tuple(fc.integer({ min: 1, max: 20 }), fc.integer({ min: 1, max: 20 }), fc.integer())
  .map(([width, height, seed]) => greyNoise(width, height, seed))

const close = (a: number, b: number): boolean => Math.abs(a - b) <= 1e-9 * Math.max(1, Math.abs(b))

test('laplacian-variance is the variance of the 4-neighbour Laplacian', () => {
  const kernel = [
    [0, 1, 0],
    [1, -4, 1],
    [0, 1, 0],
  ]
  fc.assert(
    fc.property(images, (image) =>
      close(laplacianVariance(image), variance(correlate(image, kernel))),
    ),
  )
})

test('sobel-variance is the variance of the gradient magnitude', () => {
  const across = [
    [-1, 0, 1],
    [-2, 0, 2],
    [-1, 0, 1],
  ]
  const down = [
    [-1, -2, -1],
    [0, 0, 0],
    [1, 2, 1],
  ]
  fc.assert(
    fc.property(images, (image) => {
      const gy = correlate(image, down)
      const magnitude = correlate(image, across).map((gx, at) => Math.hypot(gx, gy[at] ?? NaN))
      return close(sobelVariance(image), variance(magnitude))
    }),
  )
})

test('every metric of a flat image is zero', () => {
  const flat = { width: 33, height: 20, data: new Uint8Array(660).fill(77) }
  expect(laplacianVariance(flat)).toBe(0)
  expect(sobelVariance(flat)).toBe(0)
  expect(fftLogMagnitude(flat)).toBeCloseTo(0, 12)
})

test('fft-log-magnitude of a single bright pixel follows from its flat spectrum', () => {
  const data = new Uint8Array(16 * 9)
  data[70] = 200
  const expected = Math.log1p(200 / Math.sqrt(16 * 9))
  expect(fftLogMagnitude({ width: 16, height: 9, data })).toBeCloseTo(expected, 12)
})

test('fft-log-magnitude leaves out frequencies below an eighth of the side', () => {
  const wave = (cycles: number): GreyImage => ({
    width: 64,
    height: 64,
    data: Uint8Array.from({ length: 4096 }, (_, at) =>
      Math.cos((2 * Math.PI * cycles * (at % 64)) / 64) >= 0 ? 200 : 0,
    ),
  })
  // A square wave of 32 cycles is one peak of 100 · 64² at u = 32, one frequency of 64² - 15².
  const peak = Math.log1p((100 * 4096) / 64) / (64 * 64 - 15 * 15)
  expect(fftLogMagnitude(wave(32))).toBeCloseTo(peak, 12)
  expect(fftLogMagnitude(wave(0))).toBeCloseTo(0, 12)
})

test('one figure is written per image, at its own path', async () => {
  const bytes = await encodePng({ width: 5, height: 4, channels: 3 }, noise(60, 1))
  const files = ['a/x.jpg', 'y'].map((path) => ({ input: 'images', path, bytes }))
  const outputs = await runOperator(laplacianVarianceOperator, files)
  expect(Object.keys(outputs)).toEqual(['a/x.json', 'y.json'])
  expect(outputs['y.json']).toMatch(/^\{"laplacian_variance":\d+(\.\d+)?\}\n$/)
})

test('an image over the pixel limit is refused by name', async () => {
  const bytes = await encodePng({ width: 5, height: 4, channels: 3 }, noise(60, 1))
  const files = [{ input: 'images', path: 'x.png', bytes }]
  const run = runOperator(laplacianVarianceOperator, files, { max_pixels: 19 })
  await expect(run).rejects.toMatchObject({ data: { path: 'x.png', reason: 'too-many-pixels' } })
})
