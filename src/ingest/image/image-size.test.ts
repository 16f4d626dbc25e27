import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { resizeModes } from './image-options.ts'
import { planSize, sizeRefusal, type Size } from './image-size.ts'

const sizeOf = (text: string): Size => {
  const [width = 0, height = 0] = text.split('x').map(Number)
  return { width, height }
}

/** Sizes img2dataset 1.47 makes with image_size 64. */
describe.each([
  ['no', '60x40', '300x100', '33x47'],
  ['keep_ratio', '96x64', '192x64', '64x91'],
  ['center_crop', '64x64', '64x64', '64x64'],
  ['keep_ratio_largest', '64x43', '64x21', '45x64'],
  ['border', '64x64', '64x64', '64x64'],
] as const)('resize mode %s', (resizeMode, ...results) => {
  test.each(['60x40', '300x100', '33x47'].map((from, i) => [from, results[i] ?? '']))(
    'makes %s to %s',
    (from, to) => {
      const original = sizeOf(from)
      const plan = planSize(original, { imageSize: 64, resizeMode, resizeOnlyIfBigger: false })
      expect(plan?.final ?? original).toEqual(sizeOf(to))
    },
  )
})

test('halves are rounded to even, as Python does', () => {
  const options = {
    imageSize: 10,
    resizeMode: 'keep_ratio_largest',
    resizeOnlyIfBigger: false,
  } as const
  expect(planSize({ width: 20, height: 5 }, options)?.resized).toEqual({ width: 10, height: 2 })
  expect(planSize({ width: 20, height: 7 }, options)?.resized).toEqual({ width: 10, height: 4 })
})

test('only bigger: an image with a tested side of at most the size stays as it is', () => {
  const bigger = (resizeMode: 'border' | 'keep_ratio', size: Size): boolean =>
    planSize(size, { imageSize: 64, resizeMode, resizeOnlyIfBigger: true }) !== undefined
  expect(bigger('border', { width: 64, height: 3 })).toBe(false)
  expect(bigger('border', { width: 65, height: 3 })).toBe(true)
  expect(bigger('keep_ratio', { width: 500, height: 64 })).toBe(false)
  expect(bigger('keep_ratio', { width: 500, height: 65 })).toBe(true)
})

test('a thin line keeps its ratio to the end: it has no height', () => {
  const options = { imageSize: 256, resizeMode: 'border', resizeOnlyIfBigger: false } as const
  expect(planSize({ width: 1000, height: 1 }, options)?.resized).toEqual({ width: 256, height: 0 })
})

test('the tested side becomes the size, the other keeps the ratio to half a pixel', () => {
  const side = fc.integer({ min: 1, max: 5000 })
  fc.assert(
    fc.property(
      side,
      side,
      side,
      fc.constantFrom(...resizeModes),
      (width, height, imageSize, resizeMode) => {
        const plan = planSize(
          { width, height },
          { imageSize, resizeMode, resizeOnlyIfBigger: false },
        )
        expect(plan === undefined).toBe(resizeMode === 'no')
        if (plan === undefined) return
        const { resized, final, downscale } = plan
        const smaller = resizeMode === 'keep_ratio' || resizeMode === 'center_crop'
        const tested = (smaller ? Math.min : Math.max)(width, height)
        expect((smaller ? Math.min : Math.max)(resized.width, resized.height)).toBe(imageSize)
        expect(downscale).toBe(tested > imageSize)
        expect(Math.abs(resized.width - (width * imageSize) / tested)).toBeLessThanOrEqual(
          0.5 + 1e-6,
        )
        expect(Math.abs(resized.height - (height * imageSize) / tested)).toBeLessThanOrEqual(
          0.5 + 1e-6,
        )
        const square = resizeMode === 'border' || resizeMode === 'center_crop'
        expect(final).toEqual(square ? { width: imageSize, height: imageSize } : resized)
      },
    ),
  )
})

test('filters speak in order: size, area, aspect', () => {
  const refuse = (text: string, area: number, aspect: number): string | undefined =>
    sizeRefusal(sizeOf(text), { minImageSize: 50, maxImageArea: area, maxAspectRatio: aspect })
  expect(refuse('1000x49', 1, 1)).toBe('image too small')
  expect(refuse('1000x50', 49_999, 1)).toBe('image area too large')
  expect(refuse('1000x50', 50_000, 19.9)).toBe('aspect ratio too large')
  expect(refuse('50x1000', 50_000, 19.9)).toBe('aspect ratio too large')
  expect(refuse('1000x50', 50_000, 20)).toBeUndefined()
})
