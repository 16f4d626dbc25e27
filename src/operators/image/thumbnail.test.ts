import { expect, test } from 'vitest'
import { decode } from './decode.ts'
import { encodePng, noise } from './image.fixture.ts'
import { shrink, thumbnailOf } from './thumbnail.ts'

test('a small file is shown as it is, pixel for pixel', async () => {
  const bytes = await encodePng({ width: 10, height: 10, channels: 3 }, noise(300, 1))
  const thumbnail = await thumbnailOf({ input: 'images', path: 'x.png', bytes })
  expect(thumbnail).toEqual({ mediaType: 'image/png', bytes })
})

test('a large file becomes a JPEG of at most 360 pixels', async () => {
  const bytes = await encodePng({ width: 500, height: 200, channels: 3 }, noise(300_000, 2))
  const thumbnail = await thumbnailOf({ input: 'images', path: 'x.png', bytes })
  expect(thumbnail.mediaType).toBe('image/jpeg')
  expect(await decode(thumbnail.bytes)).toMatchObject({ pixels: { width: 250, height: 100 } })
})

test('a shrunken pixel is the mean of its block', () => {
  const data = new Uint8Array(722 * 3).fill(30)
  data.set([90, 30, 0], 0)
  const small = shrink({ width: 722, height: 3, channels: 1, data })
  expect(small).toMatchObject({ width: 240, height: 1, channels: 1 })
  expect(small.data[0]).toBe(Math.round((90 + 30 + 0 + 6 * 30) / 9))
  expect(small.data[1]).toBe(30)
})
