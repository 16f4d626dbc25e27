import { expect, test } from 'vitest'
import { isVarveError } from '../../model/index.ts'
import { checkImageOptions, defaultImageOptions } from './image-options.ts'

function faultsOf(given: Parameters<typeof checkImageOptions>[0]): unknown {
  try {
    checkImageOptions(given)
    return []
  } catch (error) {
    if (isVarveError(error, 'OPTIONS_INVALID')) return error.data['faults']
    throw error
  }
}

test('no options are all defaults, those of img2dataset', () => {
  expect(checkImageOptions({ imageSize: undefined })).toEqual(defaultImageOptions)
  expect(defaultImageOptions).toMatchObject({
    imageSize: 256,
    resizeMode: 'border',
    upscaleInterpolation: 'lanczos',
    downscaleInterpolation: 'area',
    encodeFormat: 'jpg',
    encodeQuality: 95,
    minImageSize: 0,
    maxImageArea: Infinity,
  })
})

test('all faults are named at once', () => {
  const unknown = { imageSise: 3 }
  expect(
    faultsOf({
      ...unknown,
      imageSize: 0,
      resizeMode: 'bordr',
      downscaleInterpolation: 'magic',
      skipReencode: 'yes',
      encodeQuality: 101,
      minImageSize: Number.NaN,
    }),
  ).toEqual([
    'imageSise is unknown, did you mean "imageSize"?',
    'imageSize must be a whole number from 1 to 65500, not 0',
    'resizeMode must be one of no, keep_ratio, keep_ratio_largest, center_crop, border, not "bordr", did you mean "border"?',
    'downscaleInterpolation must be one of nearest, linear, bilinear, cubic, bicubic, area, lanczos, lanczos4, not "magic"',
    'encodeQuality must be a whole number from 0 to 100, not 101',
    'skipReencode must be true or false, not "yes"',
    'minImageSize must be a number of at least 0, not NaN',
  ])
})

test.each([
  ['png', 9, true],
  ['png', 10, false],
  ['png', -1, false],
  ['jpg', 0, true],
  ['jpg', 100, true],
  ['jpg', 95.5, false],
  ['webp', 101, true],
  ['webp', 0, false],
] as const)('%s of quality %d is allowed: %s', (encodeFormat, encodeQuality, allowed) => {
  expect(faultsOf({ encodeFormat, encodeQuality })).toHaveLength(allowed ? 0 : 1)
})
