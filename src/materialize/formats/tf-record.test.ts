import { mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { tfExamples } from '../read-shards.fixture.ts'
import { crc32c } from './crc32c.ts'
import { encodeExample, type Feature } from './tf-example.ts'
import { tfRecordPieces } from './tf-record.ts'

test('CRC-32C of the vectors of RFC 3720, appendix B.4', () => {
  expect(crc32c(Buffer.alloc(32))).toBe(0x8a9136aa)
  expect(crc32c(Buffer.alloc(32, 0xff))).toBe(0x62a8ab43)
  expect(crc32c(Uint8Array.from({ length: 32 }, (_, at) => at))).toBe(0x46dd794e)
  expect(crc32c(Buffer.from('123456789'))).toBe(0xe3069283)
})

test('a CRC goes on from the one of the bytes before', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 100 }), fc.nat({ max: 100 }), (bytes, cut) => {
      const first = crc32c(bytes.subarray(0, cut))
      expect(crc32c(bytes.subarray(cut), first)).toBe(crc32c(bytes))
    }),
  )
})

test('an example is the protobuf TensorFlow writes', () => {
  const features = new Map<string, Feature>([['a', { kind: 'int', value: 5 }]])
  // Example{1: Features{1: {1: "a", 2: Feature{3: Int64List{1: [5]}}}}}, packed as proto3 does.
  const expected = '0a0c 0a0a 0a0161 1205 1a03 0a0105'.replaceAll(' ', '')
  expect(Buffer.from(encodeExample(features)).toString('hex')).toBe(expected)
})

test('an empty record is framed as TensorFlow frames it', () => {
  const bytes = Buffer.concat(tfRecordPieces(new Uint8Array()))
  expect(bytes.toString('hex')).toBe('000000000000000029 03 98 07 d8 ea 82 a2'.replaceAll(' ', ''))
})

test('an independent reader accepts the checksums and finds every value', () => {
  const path = join(mkdtempSync(join(tmpdir(), 'varve-tf-')), 'a.tfrecord')
  const image = Buffer.from(Array.from({ length: 1003 }, (_, at) => at & 0xff))
  const records = [0, 1, 2].map((at) =>
    encodeExample(
      new Map<string, Feature>([
        ['key', { kind: 'bytes', value: `größe ${at}` }],
        ['jpg', { kind: 'bytes', value: image.subarray(at) }],
        ['negative', { kind: 'int', value: -at - 1 }],
        ['large', { kind: 'int', value: 2 ** 40 + at }],
        ['half', { kind: 'float', value: at + 0.5 }],
      ]),
    ),
  )
  writeFileSync(path, Buffer.concat(records.flatMap(tfRecordPieces)))
  expect(tfExamples(path)).toEqual(
    [0, 1, 2].map((at) => ({
      key: Buffer.from(`größe ${at}`).toString('hex'),
      jpg: image.subarray(at).toString('hex'),
      negative: -at - 1,
      large: 2 ** 40 + at,
      half: at + 0.5,
    })),
  )
})
