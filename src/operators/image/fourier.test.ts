import fc from 'fast-check'
import { expect, test } from 'vitest'
import { fourierTransform } from './fourier.ts'
import { greyNoise, noise } from './image.fixture.ts'
import { halfSpectrum } from './spectrum.ts'

/** The definition, in O(N²). */
function naiveTransform(real: Float64Array, imaginary: Float64Array): [number[], number[]] {
  const length = real.length
  const sums = (part: (r: number, i: number, c: number, s: number) => number): number[] =>
    Array.from({ length }, (_, k) => {
      let sum = 0
      for (let n = 0; n < length; n++) {
        const angle = (-2 * Math.PI * ((n * k) % length)) / length
        sum += part(real[n] ?? 0, imaginary[n] ?? 0, Math.cos(angle), Math.sin(angle))
      }
      return sum
    })
  return [sums((r, i, c, s) => r * c - i * s), sums((r, i, c, s) => r * s + i * c)]
}

test('the fast transform of any length equals the definition', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 140 }), fc.integer(), (length, seed) => {
      const real = Float64Array.from(noise(length, seed))
      const imaginary = Float64Array.from(noise(length, seed + 2))
      const [expectedReal, expectedImaginary] = naiveTransform(real, imaginary)
      fourierTransform(length)(real, imaginary)
      for (let k = 0; k < length; k++) {
        expect(Math.abs((real[k] ?? NaN) - (expectedReal[k] ?? 0))).toBeLessThan(1e-8)
        expect(Math.abs((imaginary[k] ?? NaN) - (expectedImaginary[k] ?? 0))).toBeLessThan(1e-8)
      }
    }),
    { numRuns: 60 },
  )
})

test('a transform may be used again: nothing of the last row is left in it', () => {
  const transform = fourierTransform(12)
  const run = (): number[] => {
    const real = Float64Array.from(noise(12, 5))
    transform(real, new Float64Array(12))
    return [...real]
  }
  const first = run()
  transform(Float64Array.from(noise(12, 99)), Float64Array.from(noise(12, 98)))
  expect(run()).toEqual(first)
})

test.each([
  [1, 1],
  [1, 5],
  [5, 1],
  [8, 8],
  [7, 6],
  [6, 7],
])('energy is kept in the half spectrum of %i x %i pixels (Parseval)', (width, height) => {
  const image = greyNoise(width, height, 3)
  const { columns, real, imaginary } = halfSpectrum(image)
  let energy = 0
  for (let at = 0; at < real.length; at++) {
    const u = Math.floor(at / height)
    const weight = u === 0 || 2 * u === width ? 1 : 2
    energy += weight * ((real[at] ?? 0) ** 2 + (imaginary[at] ?? 0) ** 2)
  }
  expect(columns).toBe(Math.floor(width / 2) + 1)
  const expected = image.data.reduce((sum, value) => sum + value * value, 0) * width * height
  expect(energy / expected).toBeCloseTo(1, 10)
})
