import { expect, test } from 'vitest'
import { decode, loadSharp } from './decode.ts'
import { encodePng, noise } from './image.fixture.ts'
import { toGrey } from './luma.ts'

const shape = { width: 6, height: 5 }

test('an RGB PNG comes back sample by sample', async () => {
  const data = noise(90, 1)
  const outcome = await decode(await encodePng({ ...shape, channels: 3 }, data))
  expect(outcome).toEqual({
    kind: 'decoded',
    pixels: { ...shape, channels: 3, data: Buffer.from(data) },
  })
})

test('a grey PNG keeps one channel, and its luma is itself', async () => {
  const data = noise(30, 2)
  const outcome = await decode(await encodePng({ ...shape, channels: 1 }, data))
  expect(outcome).toMatchObject({ kind: 'decoded', pixels: { channels: 1 } })
  if (outcome.kind === 'decoded') expect([...toGrey(outcome.pixels).data]).toEqual([...data])
})

test.each([2, 4] as const)('alpha is dropped, not blended (%i channels)', async (channels) => {
  const data = noise(30 * channels, 3)
  const outcome = await decode(await encodePng({ ...shape, channels }, data))
  const kept = [...data].filter((_, at) => at % channels !== channels - 1)
  expect(outcome.kind === 'decoded' && [...outcome.pixels.data]).toEqual(kept)
})

test('16-bit samples are cut to their upper 8 bits', async () => {
  const sharp = await loadSharp()
  const samples = Uint16Array.from(noise(90, 4), (high, at) => high * 256 + ((at * 37) & 255))
  const png = await sharp(samples, { raw: { ...shape, channels: 3 } })
    .toColourspace('rgb16')
    .png()
    .toBuffer()
  const outcome = await decode(png)
  expect(outcome.kind === 'decoded' && [...outcome.pixels.data]).toEqual([...noise(90, 4)])
})

test('EXIF orientation is applied', async () => {
  const sharp = await loadSharp()
  const jpeg = await sharp(noise(90, 5), { raw: { ...shape, channels: 3 } })
    .withMetadata({ orientation: 6 })
    .jpeg()
    .toBuffer()
  expect(await decode(jpeg)).toMatchObject({ pixels: { width: 5, height: 6 } })
})

test('a CMYK JPEG is converted to RGB', async () => {
  const sharp = await loadSharp()
  const jpeg = await sharp(noise(90, 6), { raw: { ...shape, channels: 3 } })
    .toColourspace('cmyk')
    .jpeg()
    .toBuffer()
  expect(await decode(jpeg)).toMatchObject({ kind: 'decoded', pixels: { ...shape, channels: 3 } })
})

test('an animation is refused with its number of frames', async () => {
  const sharp = await loadSharp()
  const frames = [1, 2].map((seed) => noise(90, seed))
  const gif = await sharp(Buffer.concat(frames), {
    raw: { width: 6, height: 10, channels: 3, pageHeight: 5 },
  })
    .gif({ delay: [100, 100] })
    .toBuffer()
  expect(await decode(gif)).toEqual({ kind: 'animated', pages: 2 })
})

test('an SVG is refused, since its pixels depend on the fonts of the machine', async () => {
  const svg = Buffer.from('<svg xmlns="http://www.w3.org/2000/svg" width="5" height="5"/>')
  expect(await decode(svg)).toEqual({ kind: 'unsupported-format', format: 'svg' })
})

test('an image over the limit is refused before it is decoded', async () => {
  const png = await encodePng({ ...shape, channels: 3 }, noise(90, 7))
  expect(await decode(png, 29)).toEqual({ kind: 'too-many-pixels', pixels: 30, limit: 29 })
  expect(await decode(png, 30)).toMatchObject({ kind: 'decoded' })
})

test.each([
  ['no bytes', Buffer.alloc(0)],
  ['text', Buffer.from('not an image')],
])('%s are damaged, not a crash', async (_, bytes) => {
  expect(await decode(bytes)).toMatchObject({ kind: 'damaged' })
})

test('a JPEG cut short is damaged', async () => {
  const sharp = await loadSharp()
  const jpeg = await sharp(noise(3 * 64 * 64, 8), { raw: { width: 64, height: 64, channels: 3 } })
    .jpeg()
    .toBuffer()
  expect(await decode(jpeg.subarray(0, jpeg.length / 2))).toMatchObject({ kind: 'damaged' })
})
