import { gzipSync } from 'node:zlib'
import { afterAll, describe, expect, test } from 'vitest'
import { inPieces, readAll, scratchFolder, writeList } from './lists.fixture.ts'
import { readList } from './read-list.ts'

const scratch = scratchFolder()
afterAll(() => scratch.remove())

async function urlsOf(name: string, content: string | Uint8Array): Promise<string[]> {
  return (await readAll(writeList(scratch.path, name, content))).rows.map(({ url }) => url)
}

describe('txt', () => {
  test('a line is a URL with all its commas, and a line in quotes is read without them', async () => {
    const text = 'http://a/1,2,3.jpg\n"http://b/x,""y"".jpg"\nhttp://c/ü 字.jpg\n'
    expect(await urlsOf('a.txt', text)).toEqual([
      'http://a/1,2,3.jpg',
      'http://b/x,"y".jpg',
      'http://c/ü 字.jpg',
    ])
  })

  test('a byte order mark, CRLF, a lone CR, empty lines and a missing last line end do not show', async () => {
    const text = '\ufeffhttp://a\r\n\r\nhttp://b\rhttp://c\n\n\nhttp://d'
    expect(await urlsOf('b.txt', text)).toEqual(['http://a', 'http://b', 'http://c', 'http://d'])
  })

  test('a line of blanks is a bad row with its line and position, empty lines have none', async () => {
    const { rows, bad } = await readAll(
      writeList(scratch.path, 'c.txt', 'http://a\n\n \t\n\u00a0\nhttp://b\n'),
    )
    expect(rows.map(({ position }) => position)).toEqual([0, 3])
    expect(bad).toEqual([
      { position: 1, line: 3, reason: 'the URL is empty' },
      { position: 2, line: 4, reason: 'the URL is empty' },
    ])
  })

  test('what is no http URL is a row all the same', async () => {
    expect(await urlsOf('d.txt', 'ftp://x\nnot a url\n/etc/passwd\n')).toHaveLength(3)
  })

  test('a line longer than 16 MiB is bad, and the next ones are read', async () => {
    const long = 'x'.repeat(17 * 1024 * 1024)
    const { rows, bad } = await readAll(
      writeList(scratch.path, 'long.txt', `http://a\n${long}\nhttp://b\n${long}`),
    )
    expect(rows.map(({ url, position }) => [url, position])).toEqual([
      ['http://a', 0],
      ['http://b', 2],
    ])
    expect(bad.map(({ line, reason }) => [line, reason])).toEqual([
      [2, 'the line is too long'],
      [4, 'the line is too long'],
    ])
  })

  test('a caption column cannot be had from a txt list', async () => {
    const file = writeList(scratch.path, 'e.txt', 'http://a\n')
    await expect(readAll(file, { captionColumn: 'caption' })).rejects.toMatchObject({
      code: 'LIST_COLUMN_MISSING',
    })
  })

  test('batches hold at most 1,000 rows, good and bad together', async () => {
    const lines = Array.from({ length: 2500 }, (_, i) => (i % 10 === 3 ? ' ' : `http://a/${i}`))
    const { batchSizes, rows } = await readAll(
      writeList(scratch.path, 'f.txt', `${lines.join('\n')}\n`),
    )
    expect(batchSizes).toEqual([1000, 1000, 500])
    expect(rows.every(({ url, position }) => url === `http://a/${position}`)).toBe(true)
  })
})

describe('csv and tsv', () => {
  test('quoted cells hold commas, quotes and line breaks; cells of csv are text', async () => {
    const text =
      'caption,url,n\r\n"a ""b"", c",http://a,1\r\n"two\r\nlines",http://b,\r\n\r\n,"http://c,d",3'
    const { rows, bad } = await readAll(writeList(scratch.path, 'a.csv', text), {
      captionColumn: 'caption',
      extraColumns: ['n'],
    })
    expect(bad).toEqual([])
    expect(rows).toEqual([
      { position: 0, url: 'http://a', caption: 'a "b", c', columns: { n: '1' } },
      { position: 1, url: 'http://b', caption: 'two\r\nlines', columns: { n: '' } },
      { position: 2, url: 'http://c,d', caption: '', columns: { n: '3' } },
    ])
  })

  test('quotes within a cell and text after a closing quote are read as pyarrow reads them', async () => {
    const text = 'url,t\nhttp://a,5" disk "x"\nhttp://b,"q"rest "z"\n'
    const { rows } = await readAll(writeList(scratch.path, 'b.csv', text), { extraColumns: ['t'] })
    expect(rows.map(({ columns }) => columns)).toEqual([{ t: '5" disk "x"' }, { t: 'qrest "z"' }])
  })

  test('a row with too few or too many cells is bad, with its line', async () => {
    const text = 'url,t\nhttp://a,"x\ny"\nhttp://b\nhttp://c,1,2\n,3\nhttp://d,4\n'
    const { rows, bad } = await readAll(writeList(scratch.path, 'c.csv', text))
    expect(rows.map(({ url, position }) => [url, position])).toEqual([
      ['http://a', 0],
      ['http://d', 4],
    ])
    expect(bad).toEqual([
      { position: 1, line: 4, reason: '1 columns where the header has 2' },
      { position: 2, line: 5, reason: '3 columns where the header has 2' },
      { position: 3, line: 6, reason: 'the URL is empty' },
    ])
  })

  test('a forgotten quote costs its own line, wherever the next quote stands', async () => {
    const text = [
      'url,t',
      'http://a,"open',
      'http://b,fine',
      'http://c,"quoted, later"',
      '"http://d,open',
      'http://e,fine',
      'http://f,"never closed',
      'http://g,last',
    ].join('\n')
    const { rows, bad } = await readAll(writeList(scratch.path, 'd.csv', text), {
      captionColumn: 't',
    })
    expect(rows.map(({ url, caption }) => [url, caption])).toEqual([
      ['http://b', 'fine'],
      ['http://c', 'quoted, later'],
      ['http://e', 'fine'],
      ['http://g', 'last'],
    ])
    expect(bad.map(({ line, reason }) => [line, reason])).toEqual([
      [2, 'a quoted value is not closed'],
      [5, 'a quoted value is not closed'],
      [7, 'a quoted value is not closed'],
    ])
  })

  test('a quote that is never closed is given up after 1 MiB', async () => {
    const lines = Array.from({ length: 60_000 }, (_, i) => `http://a/${i},some words that fill`)
    const text = `url,t\nhttp://bad,"open\n${lines.join('\n')}\n`
    const { rows, bad } = await readAll(writeList(scratch.path, 'e.csv', text))
    expect(rows).toHaveLength(60_000)
    expect(bad).toHaveLength(1)
  })

  test('tsv is cut at tabs, its commas are plain', async () => {
    const text = 'url\tt\nhttp://a,b\t"x\ty"\n'
    const { rows } = await readAll(writeList(scratch.path, 'a.tsv', text), { captionColumn: 't' })
    expect(rows).toEqual([{ position: 0, url: 'http://a,b', caption: 'x\ty' }])
  })

  test('a missing column is answered with those there are and the nearest', async () => {
    const file = writeList(scratch.path, 'f.csv', '\ufeffURL,TEXT\nhttp://a,b\n')
    await expect(readAll(file)).rejects.toMatchObject({
      code: 'LIST_COLUMN_MISSING',
      next: 'Did you mean "URL"?',
      data: { columns: ['URL', 'TEXT'], missing: ['url'], near: 'URL' },
    })
    expect((await readAll(file, { urlColumn: 'URL' })).rows).toHaveLength(1)
  })

  test('a list without a header is unreadable', async () => {
    await expect(readAll(writeList(scratch.path, 'g.csv', '\n\n'))).rejects.toMatchObject({
      code: 'LIST_UNREADABLE',
    })
  })
})

describe('jsonl', () => {
  test('types are kept; integers beyond 2^53 come as their digits', async () => {
    const text =
      '{"url":"http://a","caption":7,"x":{"n":[1,null,true]},"id":12345678901234567890}\n' +
      '\n{"caption":null,"url":"http://b","id":3}\r\n'
    const { rows, bad } = await readAll(writeList(scratch.path, 'a.jsonl', text), {
      captionColumn: 'caption',
      extraColumns: ['x', 'id'],
    })
    expect(bad).toEqual([])
    expect(rows).toEqual([
      {
        position: 0,
        url: 'http://a',
        caption: '7',
        columns: { x: { n: [1, null, true] }, id: '12345678901234567890' },
      },
      { position: 1, url: 'http://b', caption: null, columns: { x: null, id: 3 } },
    ])
  })

  test('lines that are no objects or hold no URL are bad, each with its line', async () => {
    const text = ['{"url":"http://a"}', '{"url":', '[1]', '{"url":5}', '{"x":1}', '', '{"url":""}']
    const { rows, bad } = await readAll(writeList(scratch.path, 'b.jsonl', text.join('\n')))
    expect(rows).toHaveLength(1)
    expect(bad.map(({ line, reason }) => [line, reason])).toEqual([
      [2, expect.stringMatching(/^no valid JSON: /)],
      [3, 'no JSON object'],
      [4, 'the URL is not text'],
      [5, 'no URL'],
      [7, 'the URL is empty'],
    ])
  })

  test('a column none of the first 1,000 records has is missing; one in any of them is not', async () => {
    const lines = Array.from({ length: 1500 }, (_, i) => `{"url":"http://a/${i}"}`)
    const file = writeList(scratch.path, 'c.jsonl', lines.join('\n'))
    await expect(readAll(file, { captionColumn: 'captoin' })).rejects.toMatchObject({
      code: 'LIST_COLUMN_MISSING',
      data: { columns: ['url'], missing: ['captoin'] },
    })
    lines[999] = '{"url":"http://a/999","t":"late"}'
    const late = writeList(scratch.path, 'd.jsonl', lines.join('\n'))
    expect((await readAll(late, { captionColumn: 't' })).rows[999]?.caption).toBe('late')
  })

  test('columns may be called constructor and toString', async () => {
    const file = writeList(
      scratch.path,
      'e.jsonl',
      '{"url":"http://a","toString":1}\n{"url":"b"}\n',
    )
    const { rows } = await readAll(file, { extraColumns: ['toString'] })
    expect(rows.map(({ columns }) => Object.entries(columns ?? {}))).toEqual([
      [['toString', 1]],
      [['toString', null]],
    ])
  })
})

describe('gzip', () => {
  test('is unpacked, whatever the name says, several members too', async () => {
    const packed = Buffer.concat([gzipSync('http://a\nhttp://b'), gzipSync('c\n')])
    expect(await urlsOf('a.txt.gz', packed)).toEqual(['http://a', 'http://bc'])
    expect(await urlsOf('plainly-named.txt', packed)).toEqual(['http://a', 'http://bc'])
  })

  test('a .gz that is none, or is cut short, is unreadable and says so', async () => {
    for (const content of [
      Buffer.from('http://a\n'),
      Buffer.alloc(0),
      gzipSync('http://a\n'.repeat(999)).subarray(0, 40),
    ]) {
      await expect(readAll(writeList(scratch.path, 'bad.txt.gz', content))).rejects.toMatchObject({
        code: 'LIST_UNREADABLE',
        message: expect.stringContaining('gz'),
      })
    }
  })
})

describe('any list', () => {
  const stdin = { name: '-', path: undefined, gzip: false } as const

  test('comes from standard input too, packed or not, in pieces of any size', async () => {
    const text = 'url,t\nhttp://ä,"1\n2"\nhttp://b,3\n'
    for (const content of [Buffer.from(text), gzipSync(text)]) {
      const file = { ...stdin, format: 'csv' } as const
      const { rows } = await readAll(file, { captionColumn: 't' }, inPieces(content, 1))
      expect(rows.map(({ url, caption }) => [url, caption])).toEqual([
        ['http://ä', '1\n2'],
        ['http://b', '3'],
      ])
    }
  })

  test('that does not exist, is a parquet file read as text, or is UTF-16 is refused by name', async () => {
    const gone = { name: 'gone.txt', path: `${scratch.path}/gone.txt`, gzip: false } as const
    await expect(readAll({ ...gone, format: 'txt' })).rejects.toMatchObject({
      code: 'LIST_NOT_FOUND',
    })
    await expect(readAll({ ...gone, format: 'parquet' })).rejects.toMatchObject({
      code: 'LIST_NOT_FOUND',
    })
    const binary = [Buffer.from('PAR1…'), Buffer.from('\ufeffhttp://a\n', 'utf16le')]
    for (const content of binary) {
      await expect(readAll(writeList(scratch.path, 'b.txt', content))).rejects.toMatchObject({
        code: 'LIST_UNREADABLE',
      })
    }
  })

  test('lets go of its file when the reader stops early', async () => {
    let closed = false
    async function* endless(): AsyncGenerator<Uint8Array> {
      try {
        for (;;) yield Buffer.from('http://a\n'.repeat(2000))
      } finally {
        closed = true
      }
    }
    const options = { format: 'txt', urlColumn: 'url' } as const
    for await (const batch of readList({ ...stdin, format: 'txt' }, options, endless())) {
      expect(batch.rows).toHaveLength(1000)
      break
    }
    expect(closed).toBe(true)
  })
})
