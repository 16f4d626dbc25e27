import { gzipSync } from 'node:zlib'
import fc from 'fast-check'
import { parquetWriteBuffer } from 'hyparquet-writer'
import { afterAll, expect, test } from 'vitest'
import type { JsonValue } from '../../model/index.ts'
import { inPieces, readAll, scratchFolder, writeList } from './lists.fixture.ts'
import type { ListFormat } from './list-row.ts'

const scratch = scratchFolder()
afterAll(() => scratch.remove())

interface Written {
  readonly url: string
  readonly caption: string
  readonly extra: JsonValue
}

/** Text that breaks careless readers comes up often. */
const nasty = fc.constantFrom(
  '"',
  '""',
  ',',
  '\t',
  '\n',
  '\r\n',
  '\r',
  '\\',
  '{',
  ']',
  '\ufeff',
  '字',
  '🙂',
)
const text = fc
  .array(fc.oneof(nasty, fc.string({ unit: 'binary', maxLength: 4 })), { maxLength: 6 })
  .map((parts) => parts.join(''))
const url = text.map((tail) => `http://${tail}`)
const row = fc.record({
  url,
  caption: text,
  extra: fc
    .jsonValue({ maxDepth: 2 })
    .map((value) => JSON.parse(JSON.stringify(value)) as JsonValue),
})

function delimited(rows: readonly Written[], delimiter: string, ending: string): string {
  const quoted = (cell: string): string =>
    /["\r\n]/.test(cell) || cell.includes(delimiter) ? `"${cell.replaceAll('"', '""')}"` : cell
  const lines = rows.map(({ caption, url }) => [caption, url].map(quoted).join(delimiter))
  return [['caption', 'url'].join(delimiter), ...lines].join(ending)
}

function columns(rows: readonly Written[]): string {
  const of = (value: (row: Written) => JsonValue): Record<string, JsonValue> =>
    Object.fromEntries(rows.map((one, index) => [String(index), value(one)]))
  return JSON.stringify({
    url: of((one) => one.url),
    caption: of((one) => one.caption),
    extra: of((one) => one.extra),
  })
}

/** Each way to write a list that can hold any text. */
const writers: Record<string, { format: ListFormat; write: (rows: readonly Written[]) => string }> =
  {
    'csv with LF': { format: 'csv', write: (rows) => delimited(rows, ',', '\n') },
    'csv with CRLF': { format: 'csv', write: (rows) => `${delimited(rows, ',', '\r\n')}\r\n` },
    tsv: { format: 'tsv', write: (rows) => delimited(rows, '\t', '\n') },
    jsonl: { format: 'jsonl', write: (rows) => rows.map((one) => JSON.stringify(one)).join('\n') },
    'json records': { format: 'json', write: (rows) => JSON.stringify(rows) },
    'json records, pretty': { format: 'json', write: (rows) => JSON.stringify(rows, null, 2) },
    'json columns': { format: 'json', write: columns },
  }

test.each(Object.keys(writers))('any rows written as %s are read back equal', async (name) => {
  const { format, write } = writers[name]!
  const typed = format === 'json' || format === 'jsonl'
  await fc.assert(
    fc.asyncProperty(
      fc.array(row, { minLength: 1, maxLength: 12 }),
      fc.integer({ min: 1, max: 40 }),
      fc.boolean(),
      async (rows, pieceSize, packed) => {
        const stdin = { name: '-', path: undefined, format, gzip: packed } as const
        const content = packed ? gzipSync(write(rows)) : write(rows)
        const options = { captionColumn: 'caption', ...(typed ? { extraColumns: ['extra'] } : {}) }
        const read = await readAll(stdin, options, inPieces(content, pieceSize))
        expect(read.bad).toEqual([])
        expect(read.rows).toEqual(
          rows.map(({ url, caption, extra }, position) => {
            const whole = Buffer.from(url).toString()
            const plain = { position, url: whole, caption: Buffer.from(caption).toString() }
            return typed ? { ...plain, columns: { extra } } : plain
          }),
        )
      },
    ),
    { numRuns: 60 },
  )
})

test('any URLs without line ends written as txt are read back equal', async () => {
  const line = url.map((one) => one.replace(/[\r\n]/g, ''))
  const written = fc.record({ line, quoted: fc.boolean() })
  await fc.assert(
    fc.asyncProperty(
      fc.array(written, { maxLength: 20 }),
      fc.constantFrom('\n', '\r\n', '\r', '\n\n'),
      fc.integer({ min: 1, max: 40 }),
      async (lines, ending, pieceSize) => {
        const content = lines.map(({ line, quoted }) =>
          quoted ? `"${line.replaceAll('"', '""')}"` : line,
        )
        const stdin = { name: '-', path: undefined, format: 'txt', gzip: false } as const
        const { rows } = await readAll(stdin, {}, inPieces(content.join(ending), pieceSize))
        expect(rows.map(({ url }) => url)).toEqual(
          lines.map(({ line }) => Buffer.from(line).toString()),
        )
      },
    ),
    { numRuns: 100 },
  )
})

test('any rows written as parquet are read back equal', async () => {
  // The writer, not the reader, loses a key of this name.
  const writable = row.filter(({ extra }) => !JSON.stringify(extra).includes('__proto__'))
  await fc.assert(
    fc.asyncProperty(
      fc.array(writable, { minLength: 1, maxLength: 30 }),
      fc.integer({ min: 1, max: 9 }),
      async (rows, rowGroupSize) => {
        const bytes = parquetWriteBuffer({
          columnData: [
            { name: 'caption', data: rows.map(({ caption }) => caption), type: 'STRING' },
            { name: 'url', data: rows.map(({ url }) => url), type: 'STRING' },
            { name: 'extra', data: rows.map(({ extra }) => extra), type: 'JSON' },
          ],
          rowGroupSize,
        })
        const file = writeList(scratch.path, 'any.parquet', new Uint8Array(bytes))
        const read = await readAll(file, { captionColumn: 'caption', extraColumns: ['extra'] })
        expect(read.bad).toEqual([])
        expect(read.rows).toEqual(
          rows.map(({ url, caption, extra }, position) => ({
            position,
            url,
            caption,
            columns: { extra },
          })),
        )
      },
    ),
    { numRuns: 60 },
  )
})

test('a csv of any bytes gives the same rows however it is cut into pieces', async () => {
  const cell = fc.constantFrom('a', '"', ',', '\n', '\r\n', '"x,y"', '""', '\n"', 'bb', '",')
  await fc.assert(
    fc.asyncProperty(
      fc.array(cell, { maxLength: 60 }),
      fc.integer({ min: 1, max: 20 }),
      async (cells, pieceSize) => {
        const content = `url,t\n${cells.join('')}`
        const file = { name: '-', path: undefined, format: 'csv', gzip: false } as const
        const options = { captionColumn: 't' }
        const whole = await readAll(file, options, inPieces(content, content.length))
        const pieces = await readAll(file, options, inPieces(content, pieceSize))
        expect(pieces).toEqual(whole)
      },
    ),
    { numRuns: 300 },
  )
})
