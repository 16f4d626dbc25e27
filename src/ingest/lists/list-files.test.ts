import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { digestOfList } from './digest-of-list.ts'
import { listFiles, parseListFormat } from './list-files.ts'
import { refuseReservedColumns } from './column-choice.ts'
import { inPieces, readAll, scratchFolder, writeList } from './lists.fixture.ts'
import { saveStandardInput } from './save-standard-input.ts'

const scratch = scratchFolder()
afterAll(() => scratch.remove())

function folderOf(name: string, files: readonly string[]): string {
  const folder = join(scratch.path, name)
  mkdirSync(folder)
  for (const file of files) writeFileSync(join(folder, file), 'url\n')
  return folder
}

test('the format comes from the name, case aside, and img2dataset’s format names are known', () => {
  expect(parseListFormat('urls.CSV')).toEqual({ format: 'csv', gzip: false })
  expect(parseListFormat('a.b.jsonl.gz')).toEqual({ format: 'jsonl', gzip: true })
  expect(parseListFormat('x.ndjson')).toEqual({ format: 'jsonl', gzip: false })
  expect(parseListFormat('tsv.gz')).toEqual({ format: 'tsv', gzip: true })
  expect(parseListFormat('txt')).toEqual({ format: 'txt', gzip: false })
  for (const name of ['urls.parquet.gz', 'urls.xlsx', 'urls', 'gz', '']) {
    expect(parseListFormat(name), name).toBeUndefined()
  }
})

test('a folder gives its lists in the order of their names, without hidden and other files', async () => {
  const folder = folderOf('mixed', ['b.csv', 'a.txt', '._a.txt', '.x.csv', 'README.md', 'Z.csv.gz'])
  mkdirSync(join(folder, 'c.csv'))
  symlinkSync('b.csv', join(folder, 'd.csv'))
  const names = (await listFiles(folder)).map(({ name }) => name)
  expect(names).toEqual(['Z.csv.gz', 'a.txt', 'b.csv', 'd.csv'])
  const csv = await listFiles(folder, 'csv')
  expect(csv.map(({ name, gzip }) => [name, gzip])).toEqual([
    ['Z.csv.gz', true],
    ['b.csv', false],
    ['d.csv', false],
  ])
})

test('a folder without such lists, and a path with nothing there, are not found', async () => {
  const folder = folderOf('empty', ['notes.md'])
  await expect(listFiles(folder)).rejects.toMatchObject({ code: 'LIST_NOT_FOUND' })
  await expect(listFiles(join(folder, 'x'))).rejects.toMatchObject({ code: 'LIST_NOT_FOUND' })
})

test('a name that tells no format is refused unless the format is told', async () => {
  const folder = folderOf('told', ['urls', 'urls.gz', 'urls.txt'])
  await expect(listFiles(join(folder, 'urls'))).rejects.toMatchObject({
    code: 'LIST_FORMAT_UNKNOWN',
  })
  expect(await listFiles(join(folder, 'urls'), 'csv')).toMatchObject([
    { format: 'csv', gzip: false },
  ])
  expect(await listFiles(join(folder, 'urls.gz'), 'csv')).toMatchObject([{ gzip: true }])
  expect(await listFiles(join(folder, 'urls.txt'), 'csv')).toMatchObject([{ format: 'csv' }])
})

test('a dash is standard input, txt unless told', async () => {
  expect(await listFiles('-')).toEqual([{ name: '-', path: undefined, format: 'txt', gzip: false }])
  expect(await listFiles('-', 'jsonl')).toMatchObject([{ format: 'jsonl' }])
})

test('the digest of a list changes with its bytes and with how it is read', async () => {
  const file = writeList(scratch.path, 'd.csv', 'url,t\nhttp://a,b\n')
  const options = { format: 'csv', urlColumn: 'url' } as const
  const first = await digestOfList(file, options)
  expect(await digestOfList({ ...file, name: 'other' }, { ...options, extraColumns: [] })).toBe(
    first,
  )
  const others = [
    await digestOfList(file, { ...options, captionColumn: 't' }),
    await digestOfList(file, { ...options, extraColumns: ['t'] }),
    await digestOfList(file, { ...options, format: 'tsv' }),
    await digestOfList(writeList(scratch.path, 'd.csv', 'url,t\nhttp://a,c\n'), options),
  ]
  expect(new Set([first, ...others]).size).toBe(5)
  await expect(
    digestOfList({ ...file, path: join(scratch.path, 'gone') }, options),
  ).rejects.toMatchObject({ code: 'LIST_NOT_FOUND' })
})

test('standard input that was saved has a digest and can be read again', async () => {
  const [stdin] = await listFiles('-', 'csv')
  if (stdin === undefined) throw new Error('no list')
  const text = 'url\nhttp://a\n'
  const saved = await saveStandardInput(stdin, inPieces(text), join(scratch.path, 'kept'))
  const options = { format: 'csv', urlColumn: 'url' } as const
  const file = writeList(scratch.path, 'same.csv', text)
  expect(await digestOfList(saved, options)).toBe(await digestOfList(file, options))
  expect((await readAll(saved)).rows).toEqual([{ position: 0, url: 'http://a' }])
})

test('columns every sample has of its own cannot be saved', () => {
  expect(() => refuseReservedColumns(['license', 'exif', 'sha256'])).toThrow(
    expect.objectContaining({
      code: 'LIST_COLUMN_RESERVED',
      data: { columns: ['exif', 'sha256'] },
    }),
  )
  refuseReservedColumns(['license', 'bbox'])
})
