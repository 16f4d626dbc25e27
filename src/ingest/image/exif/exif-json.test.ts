import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { bytes, encoder, photo } from '../image.fixture.ts'
import { exifJson } from './exif-json.ts'

interface Entry {
  readonly tag: number
  readonly type: number
  readonly count: number
  /** The value, or where it lies. */
  readonly value: Buffer
}

const short = (tag: number, value: number): Entry => entry(tag, 3, 1, u16(value))
const long = (tag: number, value: number): Entry => entry(tag, 4, 1, u32(value))
const ascii = (tag: number, text: string): Entry => {
  const value = Buffer.from(`${text}\0`)
  return entry(tag, 2, value.length, value)
}
const rationals = (tag: number, type: 5 | 10, ...values: number[]): Entry =>
  entry(tag, type, values.length / 2, Buffer.concat(values.map((value) => u32(value >>> 0))))
const undefinedBytes = (tag: number, value: Buffer): Entry => entry(tag, 7, value.length, value)

function entry(tag: number, type: number, count: number, value: Buffer): Entry {
  return { tag, type, count, value }
}

function u16(value: number): Buffer {
  return Buffer.from([value & 255, value >> 8])
}

function u32(value: number): Buffer {
  const buffer = Buffer.alloc(4)
  buffer.writeUInt32LE(value)
  return buffer
}

/** A little-endian TIFF of directories; tag 0x8769 and 0x8825 point to directories 1 and 2. */
function tiff(...directories: readonly Entry[][]): Buffer {
  const parts: Buffer[] = [Buffer.from('II*\0\x08\0\0\0', 'latin1')]
  const lengths = directories.map((entries) => 2 + 12 * entries.length + 4)
  const starts = lengths.map((_, i) => 8 + lengths.slice(0, i).reduce((sum, n) => sum + n, 0))
  let data = 8 + lengths.reduce((sum, n) => sum + n, 0)
  const values: Buffer[] = []
  for (const entries of directories) {
    parts.push(u16(entries.length))
    for (const { tag, type, count, value } of entries) {
      const pointed = tag === 0x8769 ? starts[1] : tag === 0x8825 ? starts[2] : undefined
      const stored = pointed === undefined ? value : u32(pointed)
      const inline = stored.length <= 4
      const field = inline ? Buffer.concat([stored, Buffer.alloc(4)]).subarray(0, 4) : u32(data)
      if (!inline) {
        values.push(stored)
        data += stored.length
      }
      parts.push(u16(tag), u16(type), u32(count), field)
    }
    parts.push(u32(0))
  }
  return Buffer.concat([...parts, ...values])
}

function jpegWith(block: Buffer): Buffer {
  const length = block.length + 8
  const head = Buffer.from([0xff, 0xd8, 0xff, 0xe1, length >> 8, length & 255])
  return Buffer.concat([head, Buffer.from('Exif\0\0', 'latin1'), block, Buffer.from([0xff, 0xd9])])
}

const camera = tiff(
  [
    ascii(0x010f, 'Canon '),
    short(0x0112, 6),
    rationals(0x011a, 5, 72, 1),
    ascii(0x013b, 'Zoë "Z" 世'),
    long(0x8769, 0),
    long(0x8825, 0),
    short(0x9999, 7),
  ],
  [
    rationals(0x829a, 5, 10, 2000),
    rationals(0x9204, 10, -2, 6),
    undefinedBytes(0x9000, Buffer.from('0230')),
    ascii(0x9003, '2020:01:02 03:04:05'),
    short(0x9209, 25),
    undefinedBytes(0x9286, Buffer.from('ASCII\0\0\0private')),
    undefinedBytes(0x9101, Buffer.from([1, 2, 3, 0])),
    short(0x8827, 400),
    undefinedBytes(0xa302, Buffer.alloc(60, 3)),
  ],
  [ascii(0x0001, 'N'), rationals(0x0002, 5, 48, 1, 51, 1, 1234, 100), rationals(0x0006, 5, 1, 0)],
)

/** What exifread 3.5 prints for these bytes, through img2dataset's `str(value).strip()`. */
const expected = [
  ['Image Make', 'Canon'],
  ['Image Orientation', 'Rotated 90 CW'],
  ['Image XResolution', '72'],
  ['Image Artist', 'Zoë "Z" 世'],
  ['Image ExifOffset', '98'],
  ['GPS GPSLatitudeRef', 'N'],
  ['GPS GPSLatitude', '[48, 51, 617/50]'],
  ['GPS GPSAltitude', '1/0'],
  ['Image GPSInfo', '212'],
  ['Image Tag 0x9999', '7'],
  ['EXIF ExposureTime', '1/200'],
  ['EXIF ExposureBiasValue', '-1/3'],
  ['EXIF ExifVersion', '0230'],
  ['EXIF DateTimeOriginal', '2020:01:02 03:04:05'],
  ['EXIF Flash', 'Flash fired, auto mode'],
  ['EXIF ComponentsConfiguration', 'YCbCr'],
  ['EXIF ISOSpeedRatings', '400'],
  ['EXIF CVAPattern', `[${Array.from({ length: 20 }, () => 3).join(', ')}, ... ]`],
]

describe('a camera’s tags', () => {
  test('are said as exifread says them, in its order', () => {
    expect(Object.entries(JSON.parse(exifJson(jpegWith(camera)) ?? ''))).toEqual(expected)
  })

  test('are spaced and escaped as Python writes JSON', () => {
    const block = tiff([ascii(0x010f, 'A'), ascii(0x013b, 'ë世')])
    expect(exifJson(jpegWith(block))).toBe('{"Image Make": "A", "Image Artist": "\\u00eb\\u4e16"}')
  })

  test('are found in PNG, WebP and TIFF too', async () => {
    const [png, webp] = await Promise.all(
      (['png', 'webp'] as const).map((format) =>
        encoder(photo(8, 8).data, photo(8, 8))
          .withExif({ IFD0: { Make: 'Leica' } })
          .toFormat(format)
          .toBuffer(),
      ),
    )
    expect(exifJson(png!)).toContain('"Image Make": "Leica"')
    expect(exifJson(webp!)).toContain('"Image Make": "Leica"')
    expect(exifJson(tiff([ascii(0x010f, 'Leica')]))).toBe('{"Image Make": "Leica"}')
  })
})

test('an image without tags, and what is no image, has {}', async () => {
  expect(exifJson(await encoder(photo(8, 8).data, photo(8, 8)).jpeg().toBuffer())).toBe('{}')
  expect(exifJson(Buffer.from('text'))).toBe('{}')
  expect(exifJson(jpegWith(Buffer.from('no TIFF at all')))).toBe('{}')
})

test('more text than a camera writes is null', () => {
  const text = 'x'.repeat(60_000)
  const block = tiff([ascii(0x010f, text)])
  const [tags, directory] = [30, Buffer.alloc(30 * 12)]
  for (let i = 0; i < tags; i += 1) {
    block.copy(directory, i * 12, 10, 22)
    directory.writeUInt16LE(0xf000 + i, i * 12)
    // All point to the same text.
    directory.writeUInt32LE(8 + 2 + tags * 12 + 4, i * 12 + 8)
  }
  const bomb = Buffer.concat([
    block.subarray(0, 8),
    u16(tags),
    directory,
    u32(0),
    Buffer.from(text),
  ])
  expect(exifJson(bomb)).toBeNull()
})

test('damaged blocks never throw and never loop', () => {
  const loop = Buffer.from(tiff([short(0x0112, 1)]))
  loop.writeUInt32LE(8, 8 + 2 + 12)
  expect(exifJson(loop)).toBe('{"Image Orientation": "Horizontal (normal)"}')
  fc.assert(
    fc.property(
      fc.array(fc.tuple(fc.nat({ max: camera.length - 9 }), fc.nat({ max: 255 }))),
      (hits) => {
        const broken = Buffer.from(camera)
        for (const [at, value] of hits) broken[at + 8] = value
        const text = exifJson(jpegWith(broken))
        expect(text === null || typeof JSON.parse(text) === 'object').toBe(true)
      },
    ),
  )
  expect(
    exifJson(jpegWith(Buffer.concat([Buffer.from('MM\0*'), Buffer.from(bytes(900, 4))]))),
  ).toBeTypeOf('string')
})
