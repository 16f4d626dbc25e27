import fc from 'fast-check'
import { expect, test } from 'vitest'
import { bytes, photo } from './image.fixture.ts'
import { interpolations } from './image-options.ts'
import { resample } from './resample.ts'
import { resampleTaps } from './resample-taps.ts'

const side = fc.integer({ min: 1, max: 70 })
const interpolation = fc.constantFrom(...interpolations)

test('the taps of every result lie in the source and weigh 1 together', () => {
  fc.assert(
    fc.property(side, side, interpolation, (from, to, name) => {
      const { starts, counts, positions, weights } = resampleTaps(from, to, name, to > from)
      for (let i = 0; i < to; i += 1) {
        const own = weights.subarray(starts[i], starts[i]! + counts[i]!)
        expect(own.reduce((sum, weight) => sum + weight, 0)).toBeCloseTo(1, 2)
      }
      expect(positions.every((position) => position >= 0 && position < from)).toBe(true)
    }),
  )
})

test('an image of one colour keeps it, whatever the size and the interpolation', () => {
  fc.assert(
    fc.property(fc.tuple(side, side), fc.tuple(side, side), interpolation, (from, to, name) => {
      const [w, h] = from
      const [width, height] = to
      const data = new Uint8Array(w * h * 3).fill(201)
      const result = resample(
        { width: w, height: h, channels: 3, data },
        { width, height, interpolation: name },
      )
      expect(result.data.length).toBe(width * height * 3)
      expect(result.data.every((sample) => Math.abs(sample - 201) <= 1)).toBe(true)
    }),
  )
})

test('area is the mean of the cells, weighted by overlap (the naive sum agrees to 2, 0.4 in the mean)', () => {
  const shapes = fc.tuple(
    side,
    side,
    fc.integer({ min: 1, max: 40 }),
    fc.integer({ min: 1, max: 40 }),
  )
  fc.assert(
    fc.property(shapes, fc.constantFrom(1, 3), fc.nat(), ([w, h, tw, th], channels, seed) => {
      const [width, height] = [Math.min(w, tw), Math.min(h, th)]
      const source = { width: w, height: h, channels, data: bytes(w * h * channels, seed) } as const
      const { data } = resample(source, { width, height, interpolation: 'area' })
      let total = 0
      for (let i = 0; i < data.length; i += 1) {
        const exact = meanOfCell(source, { width, height }, i)
        expect(Math.abs(data[i]! - exact)).toBeLessThanOrEqual(2)
        total += Math.abs(data[i]! - exact)
      }
      expect(total / data.length).toBeLessThan(0.8)
    }),
    { numRuns: 60 },
  )
})

function meanOfCell(
  source: {
    readonly width: number
    readonly height: number
    readonly channels: number
    readonly data: Uint8Array
  },
  target: { readonly width: number; readonly height: number },
  index: number,
): number {
  const channel = index % source.channels
  const pixel = Math.floor(index / source.channels)
  const [x, y] = [pixel % target.width, Math.floor(pixel / target.width)]
  const [scaleX, scaleY] = [source.width / target.width, source.height / target.height]
  const overlap = (at: number, cell: number, scale: number): number =>
    Math.max(0, Math.min(at + 1, (cell + 1) * scale) - Math.max(at, cell * scale))
  let sum = 0
  for (let sy = 0; sy < source.height; sy += 1) {
    for (let sx = 0; sx < source.width; sx += 1) {
      const weight = overlap(sx, x, scaleX) * overlap(sy, y, scaleY)
      sum += weight * source.data[(sy * source.width + sx) * source.channels + channel]!
    }
  }
  return sum / (scaleX * scaleY)
}

test('pixels that lie anywhere in a buffer are read from there', () => {
  const source = photo(37, 29)
  const shifted = new Uint8Array(source.data.length + 3)
  shifted.set(source.data, 3)
  const options = { width: 11, height: 9, interpolation: 'area' } as const
  expect(resample({ ...source, data: shifted.subarray(3) }, options)).toEqual(
    resample(source, options),
  )
})

test('the same size is the same image', () => {
  const source = photo(20, 10)
  expect(resample(source, { width: 20, height: 10, interpolation: 'lanczos' })).toBe(source)
})
