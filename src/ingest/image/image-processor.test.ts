import { describe, expect, test } from 'vitest'
import sharp from 'sharp'
import { bytes, encoder, jpegOf, photo, pngOf, samplesOf } from './image.fixture.ts'
import { checkImageOptions, resizeModes, type ImageOptions } from './image-options.ts'
import { openImageProcessor, type ImageOutcome } from './image-processor.ts'
import type { Pixels } from './pixels.ts'

async function run(source: Uint8Array, options: Partial<ImageOptions> = {}): Promise<ImageOutcome> {
  const processor = await openImageProcessor(checkImageOptions(options))
  return processor.process(source)
}

async function made(source: Uint8Array, options: Partial<ImageOptions> = {}): Promise<Uint8Array> {
  const outcome = await run(source, options)
  if (outcome.kind === 'failed') throw new Error(outcome.error)
  return outcome.bytes
}

/** Without loss, so that samples can be compared. */
const png = { encodeFormat: 'png', encodeQuality: 1 } as const

describe('sizes and formats', () => {
  test.each(resizeModes)('mode %s makes the size it says, grey or not', async (resizeMode) => {
    for (const source of [photo(61, 47), photo(300, 20), photo(31, 64, 1), photo(64, 64)]) {
      const outcome = await run(await pngOf(source), { imageSize: 64, resizeMode, ...png })
      if (outcome.kind === 'failed') throw new Error(outcome.error)
      const { width, height, channels } = await samplesOf(outcome.bytes)
      expect({ width, height }).toEqual({
        width: outcome.facts.width,
        height: outcome.facts.height,
      })
      expect(channels).toBe(source.channels)
      const original = { originalWidth: source.width, originalHeight: source.height }
      expect(outcome.facts).toMatchObject(original)
    }
  })

  test('border pads with white, the odd row at the end', async () => {
    const black: Pixels = { width: 8, height: 5, channels: 3, data: new Uint8Array(120) }
    const { data } = await samplesOf(await made(await pngOf(black), { imageSize: 8, ...png }))
    const rows = Array.from({ length: 8 }, (_, y) => data[y * 24])
    expect(rows).toEqual([255, 0, 0, 0, 0, 0, 255, 255])
  })

  test('center_crop takes the middle', async () => {
    const wide = photo(12, 4)
    const options = { imageSize: 4, resizeMode: 'center_crop', ...png } as const
    const { data } = await samplesOf(await made(await pngOf(wide), options))
    expect([...data.subarray(0, 12)]).toEqual([...wide.data.subarray(12, 24)])
  })

  test.each([
    ['jpg', 95, 'jpeg'],
    ['png', 9, 'png'],
    ['webp', 80, 'webp'],
    ['webp', 101, 'webp'],
  ] as const)('%s of quality %i', async (encodeFormat, encodeQuality, format) => {
    const source = photo(64, 64)
    const image = await made(await pngOf(source), { imageSize: 64, encodeFormat, encodeQuality })
    expect((await sharp(image).metadata()).format).toBe(format)
    const { data } = await samplesOf(image)
    const lossless = encodeFormat === 'png' || encodeQuality > 100
    expect(Buffer.compare(data, source.data) === 0).toBe(lossless)
  })

  test('a JPEG is baseline with chroma at half resolution, as OpenCV writes it', async () => {
    const image = await made(await pngOf(photo(64, 64)))
    expect(await sharp(image).metadata()).toMatchObject({
      chromaSubsampling: '4:2:0',
      isProgressive: false,
      width: 256,
    })
  })
})

describe('what is decoded', () => {
  test('alpha is blended with white, rounded, before all', async () => {
    const data = Uint8Array.from([10, 20, 30, 0, 10, 20, 30, 255, 10, 20, 30, 128, 255, 0, 7, 77])
    const source = await encoder(data, { width: 4, height: 1, channels: 4 }).png().toBuffer()
    const { data: matted } = await samplesOf(await made(source, { resizeMode: 'no', ...png }))
    const expected = Array.from({ length: 4 }, (_, i) => i * 4).flatMap((at) =>
      [0, 1, 2].map((k) => Math.round((data[at + 3]! / 255) * data[at + k]! + 255 - data[at + 3]!)),
    )
    expect([...matted]).toEqual(expected)
  })

  test('EXIF orientation is not applied', async () => {
    const source = await encoder(photo(30, 20).data, { width: 30, height: 20, channels: 3 })
      .withMetadata({ orientation: 6 })
      .jpeg()
      .toBuffer()
    expect(await run(source, { resizeMode: 'no' })).toMatchObject({
      facts: { width: 30, height: 20 },
    })
  })

  test('a colour profile changes no sample', async () => {
    const source = photo(16, 16)
    const tagged = await encoder(source.data, source).withIccProfile('p3').png().toBuffer()
    const plain = await sharp(tagged, { ignoreIcc: true }).raw().toBuffer()
    const { data } = await samplesOf(await made(tagged, { resizeMode: 'no', ...png }))
    expect(Buffer.compare(data, plain)).toBe(0)
  })

  test.each([
    ['no bytes', () => Buffer.alloc(0)],
    ['a page', () => Buffer.from('<html><body>404</body></html>')],
    ['an SVG', () => Buffer.from('<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"/>')],
    ['a JPEG cut in half', async () => halfOf(await jpegOf(photo(200, 200)))],
    ['a PNG cut in half', async () => halfOf(await pngOf(photo(200, 200)))],
    ['the beginning of a JPEG and noise', () => Buffer.from([0xff, 0xd8, 0xff, ...bytes(500, 3)])],
  ])('%s is an image decoding error', async (_, source) => {
    expect(await run(await source())).toEqual({ kind: 'failed', error: 'Image decoding error' })
  })

  test('more pixels than allowed are refused by the header, before they are decoded', async () => {
    const source = await pngOf(photo(100, 100))
    const error = 'image has too many pixels'
    expect(await run(source, { maxPixels: 9999 })).toEqual({ kind: 'failed', error })
    expect(await run(source, { maxPixels: 10_000 })).toMatchObject({ kind: 'image' })
    // A bomb: a header that claims 30000 x 30000 with next to nothing behind it.
    const bomb = Buffer.from(source)
    bomb.writeUInt32BE(30_000, 16)
    bomb.writeUInt32BE(30_000, 20)
    expect(await run(bomb)).toMatchObject({ kind: 'failed' })
  })
})

describe('filters', () => {
  test.each([
    [{ minImageSize: 41 }, 'image too small'],
    [{ maxImageArea: 2399 }, 'image area too large'],
    [{ maxAspectRatio: 1.4 }, 'aspect ratio too large'],
    [{ minImageSize: 41, maxImageArea: 1 }, 'image too small'],
  ])('%j of 60 x 40 is "%s"', async (options, error) => {
    expect(await run(await pngOf(photo(60, 40)), options)).toEqual({ kind: 'failed', error })
  })

  test('an image that would have no height fails with a text, not a crash', async () => {
    const outcome = await run(await pngOf(photo(1000, 1)))
    expect(outcome).toEqual({ kind: 'failed', error: 'resized image would have no pixels' })
  })
})

describe('bytes that are kept', () => {
  test('without any re-encoding nothing is looked at, and the extension is the true one', async () => {
    const source = Buffer.from('GIF89a broken')
    const outcome = await run(source, { disableAllReencoding: true })
    expect(outcome).toMatchObject({
      facts: { extension: 'gif', width: null, originalWidth: null },
    })
    expect(outcome.kind === 'image' && outcome.bytes).toBe(source)
  })

  test.each([
    ['of the format and not resized', 'jpg', { resizeMode: 'no' }, true],
    ['of the format and small enough', 'jpg', { resizeOnlyIfBigger: true }, true],
    ['resized', 'jpg', {}, false],
    ['of another format', 'png', { resizeMode: 'no' }, false],
  ] as const)('skipReencode, an image %s', async (_, kind, options, kept) => {
    const source = await (kind === 'jpg' ? jpegOf : pngOf)(photo(60, 40))
    const image = await made(source, { ...options, skipReencode: true })
    expect(image === source).toBe(kept)
  })

  test('skipReencode never keeps alpha, nor what was blurred', async () => {
    const clear = { width: 4, height: 4, channels: 4 } as const
    const source = await encoder(new Uint8Array(64), clear).png().toBuffer()
    const options = { ...png, resizeMode: 'no', skipReencode: true } as const
    expect(await made(source, options)).not.toBe(source)
    const opaque = await pngOf(photo(40, 40))
    const processor = await openImageProcessor(checkImageOptions(options))
    const outcome = await processor.process(opaque, [[0, 0, 0.5, 0.5]])
    expect(outcome.kind === 'image' && outcome.bytes !== opaque).toBe(true)
  })
})

test('regions are blurred after the resize and before the padding', async () => {
  const processor = await openImageProcessor(checkImageOptions({ imageSize: 64, ...png }))
  const source = await pngOf(photo(128, 64))
  const plain = await processor.process(source)
  const blurred = await processor.process(source, [[0, 0, 0.25, 1]])
  if (plain.kind === 'failed' || blurred.kind === 'failed') throw new Error('failed')
  const [a, b] = [await samplesOf(plain.bytes), await samplesOf(blurred.bytes)]
  const changed = Array.from({ length: 64 * 64 }, (_, i) => i).filter(
    (i) => a.data[i * 3] !== b.data[i * 3],
  )
  const columns = changed.map((i) => i % 64)
  const rows = changed.map((i) => Math.floor(i / 64))
  expect(Math.min(...columns)).toBe(0)
  expect(Math.max(...columns)).toBeLessThan(40)
  // The padding stays white.
  expect([Math.min(...rows), Math.max(...rows)]).toEqual([16, 47])
})

test('a region that is none fails the image, with a text', async () => {
  const processor = await openImageProcessor(checkImageOptions({}))
  const odd = JSON.parse('[[0, 0, 1, 1], [0, null, 1, 1]]') as [number, number, number, number][]
  const outcome = await processor.process(await pngOf(photo(20, 20)), odd)
  expect(outcome).toEqual({ kind: 'failed', error: 'a region is not [x0, y0, x1, y1]' })
})

test('exif comes with every success unless it is not asked for', async () => {
  const source = await jpegOf(photo(10, 10))
  expect(await run(source)).toMatchObject({ facts: { exif: '{}' } })
  expect(await run(source, { disableAllReencoding: true })).toMatchObject({ facts: { exif: '{}' } })
  const without = await run(source, { extractExif: false })
  expect(without.kind === 'image' && Object.keys(without.facts)).not.toContain('exif')
})

function halfOf(image: Buffer): Buffer {
  return image.subarray(0, image.length >> 1)
}
