import { execFileSync } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { brotliCompressSync, gzipSync, zstdCompressSync } from 'node:zlib'
import fc from 'fast-check'
import type { SchemaElement } from 'hyparquet'
import { parquetWriteBuffer, type ParquetWriteOptions } from 'hyparquet-writer'
import { afterAll, describe, expect, test } from 'vitest'
import { inPieces, listAt, readAll, scratchFolder, writeList } from './lists.fixture.ts'
import type { ListFile } from './list-row.ts'

const scratch = scratchFolder()
afterAll(() => scratch.remove())

const urls = Array.from({ length: 2500 }, (_, i) => (i % 11 === 4 ? null : `http://a/ü/${i},x`))

function write(name: string, options: Partial<ParquetWriteOptions> = {}): ListFile {
  const bytes = parquetWriteBuffer({
    columnData: [
      { name: 'url', data: urls, type: 'STRING' },
      { name: 'caption', data: urls.map((_, i) => `words "${i}"`), type: 'STRING' },
      { name: 'n', data: urls.map((_, i) => BigInt(i)), type: 'INT64' },
      { name: 'score', data: urls.map((_, i) => i / 4), type: 'DOUBLE' },
      { name: 'ok', data: urls.map((_, i) => i % 2 === 0), type: 'BOOLEAN' },
    ],
    ...options,
  })
  return writeList(scratch.path, name, new Uint8Array(bytes))
}

function timestamp(unit: 'NANOS') {
  return { type: 'TIMESTAMP', isAdjustedToUTC: true, unit } as const
}

/** Columns as the format stores them, beside one of URLs. */
function withSchema(
  name: string,
  columns: Readonly<Record<string, Omit<SchemaElement, 'name'>>>,
  data: Readonly<Record<string, unknown[]>>,
): ListFile {
  const rows = Math.max(...Object.values(data).map(({ length }) => length))
  const elements = Object.entries(columns).map(([column, element]): SchemaElement => {
    return { ...element, name: column, repetition_type: 'OPTIONAL' }
  })
  const schema: SchemaElement[] = [
    { name: 'root', num_children: elements.length + 1 },
    { name: 'url', type: 'BYTE_ARRAY', converted_type: 'UTF8', repetition_type: 'OPTIONAL' },
    ...elements,
  ]
  const columnData = [
    { name: 'url', data: Array.from({ length: rows }, (_, at) => `http://a/${at}`) },
    ...Object.entries(data).map(([column, values]) => ({ name: column, data: values })),
  ]
  const bytes = parquetWriteBuffer({ columnData, schema })
  return writeList(scratch.path, name, new Uint8Array(bytes))
}

/** The whole number a decimal of this scale is stored as; the text may be that of a JSON number. */
function unscaled(text: string, scale: number): bigint {
  const [, sign = '', whole = '', part = '', exponent = '0'] =
    /^(-?)(\d+)\.?(\d*)(?:e([+-]\d+))?$/.exec(text) ?? []
  const shift = scale + Number(exponent) - part.length
  const digits = BigInt(sign + whole + part)
  return shift < 0 ? digits / 10n ** BigInt(-shift) : digits * 10n ** BigInt(shift)
}

const packers = {
  GZIP: (bytes: Uint8Array) => gzipSync(bytes),
  ZSTD: (bytes: Uint8Array) => zstdCompressSync(bytes),
  BROTLI: (bytes: Uint8Array) => brotliCompressSync(bytes),
}

describe('a parquet list', () => {
  test.each(['UNCOMPRESSED', 'SNAPPY', 'GZIP', 'ZSTD', 'BROTLI'] as const)(
    'packed with %s and of several row groups is read with its types',
    async (codec) => {
      const file = write(`${codec}.parquet`, { codec, compressors: packers, rowGroupSize: 777 })
      const { rows, bad, batchSizes } = await readAll(file, {
        captionColumn: 'caption',
        extraColumns: ['n', 'score', 'ok'],
      })
      expect(batchSizes).toEqual([1000, 1000, 500])
      expect(bad[0]).toEqual({ position: 4, line: 5, reason: 'no URL' })
      expect(rows.length + bad.length).toBe(urls.length)
      expect(rows).toEqual(
        rows.map(({ position }) => ({
          position,
          url: urls[position],
          caption: `words "${position}"`,
          columns: { n: position, score: position / 4, ok: position % 2 === 0 },
        })),
      )
    },
  )

  test('keeps what JSON has no type for: large integers as digits, times in ISO 8601, NaN as null', async () => {
    const bytes = parquetWriteBuffer({
      columnData: [
        { name: 'url', data: ['a', 'b'], type: 'STRING' },
        { name: 'id', data: [2n ** 60n, -5n], type: 'INT64' },
        { name: 'at', data: [new Date(0), new Date(86_400_000)], type: 'TIMESTAMP' },
        { name: 'x', data: [Number.NaN, 0.5], type: 'DOUBLE' },
        { name: 'meta', data: [{ w: 1, t: ['p'] }, null], type: 'JSON' },
      ],
    })
    const file = writeList(scratch.path, 'types.parquet', new Uint8Array(bytes))
    const { rows } = await readAll(file, { extraColumns: ['id', 'at', 'x', 'meta'] })
    expect(rows.map(({ columns }) => columns)).toEqual([
      {
        id: '1152921504606846976',
        at: '1970-01-01T00:00:00.000Z',
        x: null,
        meta: { w: 1, t: ['p'] },
      },
      { id: -5, at: '1970-01-02T00:00:00.000Z', x: 0.5, meta: null },
    ])
  })

  test('keeps every digit of decimals, and of times finer than milliseconds', async () => {
    const columns = {
      cents: { type: 'INT32', converted_type: 'DECIMAL', precision: 9, scale: 2 },
      money: { type: 'INT64', converted_type: 'DECIMAL', precision: 18, scale: 2 },
      huge: {
        type: 'FIXED_LEN_BYTE_ARRAY',
        type_length: 16,
        converted_type: 'DECIMAL',
        precision: 38,
        scale: 3,
      },
      micros: { type: 'INT64', converted_type: 'TIMESTAMP_MICROS' },
      nanos: { type: 'INT64', logical_type: timestamp('NANOS') },
      millis: { type: 'INT32', converted_type: 'TIME_MILLIS' },
      time: { type: 'INT64', converted_type: 'TIME_MICROS' },
      finest: { type: 'INT64', logical_type: { ...timestamp('NANOS'), type: 'TIME' } },
    } as const
    const data = {
      cents: [57n, null, -1n],
      money: [123_456_789_012_345_678n, null, -100n],
      huge: [12_345_678_901_234_567_890_123n, null, -1500n],
      micros: [1_577_934_245_678_901n, null, -1n],
      nanos: [1_577_934_245_678_901_234n, null, -1_000_000n],
      millis: [3_723_004, null, 0],
      time: [3_723_456_789n, null, 86_399_000_000n],
      finest: [1n, null, 3_600_000_000_000n],
    }
    const file = withSchema('exact.parquet', columns, data)
    const { rows } = await readAll(file, { extraColumns: Object.keys(columns) })
    expect(rows.map((row) => row.columns)).toEqual([
      {
        cents: 0.57,
        money: '1234567890123456.78',
        huge: '12345678901234567890.123',
        micros: '2020-01-02T03:04:05.678901Z',
        nanos: '2020-01-02T03:04:05.678901234Z',
        millis: '01:02:03.004',
        time: '01:02:03.456789',
        finest: '00:00:00.000000001',
      },
      Object.fromEntries(Object.keys(columns).map((name) => [name, null])),
      {
        cents: -0.01,
        money: -1,
        huge: -1.5,
        micros: '1969-12-31T23:59:59.999999Z',
        nanos: '1969-12-31T23:59:59.999Z',
        millis: '00:00:00.000',
        time: '23:59:59.000',
        finest: '01:00:00.000',
      },
    ])
  })

  test('of decimals reads any of them as the number it is, or as its digits', async () => {
    const cents = fc.bigInt({ min: -(10n ** 17n), max: 10n ** 17n })
    await fc.assert(
      fc.asyncProperty(fc.array(cents, { minLength: 1 }), fc.nat(18), async (data, scale) => {
        const decimal = { type: 'INT64', converted_type: 'DECIMAL', precision: 18, scale } as const
        const file = withSchema('decimals.parquet', { c: decimal }, { c: data })
        const { rows } = await readAll(file, { extraColumns: ['c'] })
        for (const [at, { columns }] of rows.entries()) {
          const value = columns?.['c']
          expect(unscaled(JSON.stringify(value).replaceAll('"', ''), scale)).toBe(data[at])
        }
      }),
      { numRuns: 30 },
    )
  })

  test('that lacks a column is refused with the columns it has', async () => {
    await expect(readAll(write('c.parquet'), { urlColumn: 'urls' })).rejects.toMatchObject({
      code: 'LIST_COLUMN_MISSING',
      next: 'Did you mean "url"?',
      data: { columns: ['url', 'caption', 'n', 'score', 'ok'] },
    })
  })

  test('that is broken, cut short, or comes from standard input is unreadable', async () => {
    const whole = new Uint8Array(parquetWriteBuffer({ columnData: [{ name: 'url', data: ['a'] }] }))
    for (const bytes of [
      whole.subarray(0, whole.length - 9),
      Buffer.from('url\n'),
      Buffer.alloc(0),
    ]) {
      await expect(readAll(writeList(scratch.path, 'b.parquet', bytes))).rejects.toMatchObject({
        code: 'LIST_UNREADABLE',
      })
    }
    const stdin = { name: '-', path: undefined, format: 'parquet', gzip: false } as const
    await expect(readAll(stdin, {}, inPieces(whole))).rejects.toMatchObject({
      code: 'LIST_UNREADABLE',
    })
  })
})

const script = `
import sys, datetime, pyarrow as pa, pyarrow.parquet as pq
n = 800
table = pa.table({
  "junk": ["x" * 100] * n,
  "url": [None if i % 11 == 4 else f"http://a/ü/{i},x" for i in range(n)],
  "caption": [f"words {i}" for i in range(n)],
  "n": pa.array(range(n), pa.int64()),
  "bbox": [[[0.1, 0.2, 0.3, i / 8]] for i in range(n)],
  "meta": [{"w": i, "tags": ["p", None]} for i in range(n)],
  "day": [datetime.date(2024, 1, 1 + i % 28) for i in range(n)],
  "cat": pa.array([f"c{i % 3}" for i in range(n)]).dictionary_encode(),
  "big": pa.array([f"L{i}" for i in range(n)], pa.large_string()),
})
for codec in ["snappy", "zstd", "gzip", "lz4", "brotli", "none"]:
  pq.write_table(table, f"{sys.argv[1]}/arrow-{codec}.parquet", compression=codec,
    data_page_version="2.0" if codec == "snappy" else "1.0", row_group_size=300)
`

function pyarrowWrites(folder: string): boolean {
  const file = join(folder, 'write.py')
  writeFileSync(file, script)
  try {
    execFileSync('python3', [file, folder], { stdio: 'ignore' })
    return true
  } catch {
    return false
  }
}

test('parquet written by pyarrow is read, whatever its codec', async (context) => {
  if (!pyarrowWrites(scratch.path)) context.skip('pyarrow is not installed')
  const extraColumns = ['n', 'bbox', 'meta', 'day', 'cat', 'big']
  for (const codec of ['snappy', 'zstd', 'gzip', 'lz4', 'brotli', 'none']) {
    const file = listAt(join(scratch.path, `arrow-${codec}.parquet`))
    const { rows, bad } = await readAll(file, { captionColumn: 'caption', extraColumns })
    expect(rows.length + bad.length).toBe(800)
    expect(rows).toEqual(
      rows.map(({ position }) => ({
        position,
        url: `http://a/ü/${position},x`,
        caption: `words ${position}`,
        columns: {
          n: position,
          bbox: [[0.1, 0.2, 0.3, position / 8]],
          meta: { w: position, tags: ['p', null] },
          day: `2024-01-${String(1 + (position % 28)).padStart(2, '0')}T00:00:00.000Z`,
          cat: `c${position % 3}`,
          big: `L${position}`,
        },
      })),
    )
  }
})
