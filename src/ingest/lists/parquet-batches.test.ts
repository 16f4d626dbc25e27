import { execFileSync } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { brotliCompressSync, gzipSync, zstdCompressSync } from 'node:zlib'
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
