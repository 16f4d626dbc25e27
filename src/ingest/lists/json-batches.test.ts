import { gzipSync } from 'node:zlib'
import { afterAll, describe, expect, test } from 'vitest'
import { inPieces, readAll, scratchFolder, writeList } from './lists.fixture.ts'

const scratch = scratchFolder()
afterAll(() => scratch.remove())

describe('an array of records', () => {
  const records = [
    { url: 'http://a/"q"\\', caption: 'br{ack]et, "s"', n: { deep: [1, { x: '}' }] } },
    { url: 'http://b', caption: 'ünï\u2028', n: 2.5 },
  ]

  test.each([
    ['compact', JSON.stringify(records)],
    ['pretty', `\ufeff\n${JSON.stringify(records, null, 2)}\n\n`],
    ['packed', gzipSync(JSON.stringify(records))],
  ])('is read, %s, whatever its strings hold', async (name, content) => {
    const file = writeList(scratch.path, `${name}.json${name === 'packed' ? '.gz' : ''}`, content)
    const { rows, bad } = await readAll(file, { captionColumn: 'caption', extraColumns: ['n'] })
    expect(bad).toEqual([])
    expect(rows).toEqual(
      records.map(({ url, caption, n }, position) => ({ position, url, caption, columns: { n } })),
    )
  })

  test('a record that is broken costs itself only, and is named by its line', async () => {
    const text = [
      '[',
      '  {"url": "http://a"},',
      '  {"url": "http://b", oops},',
      '  {"url": "http://c},',
      '  {"url": "http://d"},',
      '  7,',
      '  {',
      '    "url": "http://e",',
      '    "n": {"x": 1}',
      '  }',
      ']',
    ].join('\n')
    const { rows, bad } = await readAll(writeList(scratch.path, 'broken.json', text))
    expect(rows.map(({ url, position }) => [url, position])).toEqual([
      ['http://a', 0],
      ['http://d', 3],
      ['http://e', 5],
    ])
    expect(bad.map(({ line, reason }) => [line, reason])).toEqual([
      [3, expect.stringMatching(/^no valid JSON/)],
      [4, 'a string is not closed on its line'],
      [6, 'no JSON object'],
    ])
  })

  test('a list cut short ends with a bad row, after all that was whole', async () => {
    const whole = '[{"url": "http://a"},\n{"url": "http://b"}'
    const cases: [string, number, string][] = [
      [whole.slice(0, -3), 1, 'a string is not closed on its line'],
      [whole.slice(0, -1), 1, 'the list ends within this record'],
      ['[{"url": "http://a"},\n', 1, 'the list ends before its closing bracket'],
    ]
    for (const [text, count, reason] of cases) {
      const { rows, bad } = await readAll(writeList(scratch.path, 'cut.json', text))
      expect(rows).toHaveLength(count)
      expect(bad[0]?.reason).toBe(reason)
    }
  })

  test('a record longer than 16 Mi characters is bad, once, and the next line is read', async () => {
    const long = `{"url": "${'x'.repeat(17 * 1024 * 1024)}"}`
    const text = `[{"url": "http://a"},\n${long},\n{"url": "http://b"}]`
    const { rows, bad } = await readAll(writeList(scratch.path, 'long.json', text))
    expect(rows.map(({ url }) => url)).toEqual(['http://a', 'http://b'])
    expect(bad).toEqual([{ position: 1, line: 2, reason: 'the record is too long' }])
  })

  test('an empty array has no rows, and text after the array is one bad row', async () => {
    expect(await readAll(writeList(scratch.path, 'none.json', '[ ]'))).toMatchObject({ rows: [] })
    const { rows, bad } = await readAll(
      writeList(scratch.path, 'two.json', '[{"url":"http://a"}]\n[{"url":"http://b"}]\n'),
    )
    expect(rows).toHaveLength(1)
    expect(bad).toEqual([{ position: 1, line: 2, reason: 'text after the end of the list' }])
  })

  test('a missing column is named with those the records have', async () => {
    const file = writeList(scratch.path, 'c.json', '[{"link":"http://a","t":1}]')
    await expect(readAll(file)).rejects.toMatchObject({
      code: 'LIST_COLUMN_MISSING',
      data: { columns: ['link', 't'] },
    })
  })
})

describe('an object of columns', () => {
  const urls = Array.from({ length: 4000 }, (_, i) => (i % 7 === 5 ? null : `http://a/${i}`))
  const keyed = (values: readonly unknown[]) => Object.fromEntries(values.entries())
  const ids = urls.map((_, i) => ({ id: i, note: `some { text } ${i}` }))

  test.each([
    [
      'keyed by index, as pandas writes it',
      JSON.stringify({ skip: keyed(ids), url: keyed(urls), n: keyed(ids) }),
    ],
    ['of arrays', JSON.stringify({ n: ids, version: 1, url: urls }, null, 1)],
  ])('%s is read, its columns in step, from a file and from standard input', async (_, text) => {
    const file = writeList(scratch.path, 'columns.json', text)
    const stdin = { ...file, path: undefined }
    for (const read of [
      readAll(file, { extraColumns: ['n'] }),
      readAll(stdin, { extraColumns: ['n'] }, inPieces(text, 1000)),
    ]) {
      const { rows, bad } = await read
      expect(rows.length + bad.length).toBe(urls.length)
      expect(bad.map(({ position }) => position)).toEqual(
        [...urls.keys()].filter((position) => urls[position] === null),
      )
      expect(rows).toEqual(
        rows.map(({ position }) => ({
          position,
          url: urls[position],
          columns: { n: ids[position] },
        })),
      )
    }
  })

  test('a missing column is named with those there are', async () => {
    const file = writeList(scratch.path, 'c.json', '{"urls":{"0":"http://a"},"t":{"0":1}}')
    await expect(readAll(file)).rejects.toMatchObject({
      code: 'LIST_COLUMN_MISSING',
      next: 'Did you mean "urls"?',
      data: { columns: ['urls', 't'] },
    })
  })

  test('columns of unequal rows and broken text are unreadable', async () => {
    for (const text of [
      '{"url":{"0":"a","1":"b"},"t":{"0":1}}',
      '{"url":{"0":"a","1":"b"},"t":{"0":1,"2":2}}',
      '{"url":{"0":"a","1":oops},"t":{"0":1,"1":2}}',
      '{"url":{"0":"a","1":"b"},"t":{"0":1,"1":2}',
      '{"url":{"0":"a\n","1":"b"},"t":{"0":1,"1":2}}',
    ]) {
      const file = writeList(scratch.path, 'odd.json', text)
      await expect(readAll(file, { captionColumn: 't' })).rejects.toMatchObject({
        code: 'LIST_UNREADABLE',
      })
    }
  })
})

test('lines of records named .json are read as jsonl', async () => {
  const text = '{"url":"http://a"}\n{"url":"http://b"}\n'
  const { rows } = await readAll(writeList(scratch.path, 'lines.json', text))
  expect(rows).toHaveLength(2)
})

test('what is neither array nor object, or nothing, is unreadable', async () => {
  for (const text of ['', '  \n', 'http://a\n', '"x"']) {
    await expect(readAll(writeList(scratch.path, 'no.json', text))).rejects.toMatchObject({
      code: 'LIST_UNREADABLE',
    })
  }
})
