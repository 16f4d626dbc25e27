import { chmodSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { pack } from 'tar-stream'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { digestOf } from '../model/index.ts'
import { readLane } from '../segments/lane-reader.ts'
import { memoryObjects } from '../storage/index.ts'
import { folderSources } from './files/folder-source.ts'
import { tarSources } from './files/tar-source.ts'
import { collect, openTestStore, pathsOf, text, textOf, type TestStore } from './store.fixture.ts'
import type { Store } from './types/store.ts'

let opened: TestStore
let store: Store
let folder: string

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'varve-files-'))
  opened = await openTestStore({
    fetch: async function* (url) {
      yield Buffer.from(`bytes of ${url}`)
    },
  })
  store = opened.store
  await store.repos.create('r')
})
afterEach(async () => {
  await opened.close()
  rmSync(folder, { recursive: true, force: true })
})

/** Bytes of all segments of data lanes. */
async function stored(): Promise<number> {
  await store.maintenance.fsck()
  const sizes = [...opened.files.files]
  return sizes
    .filter(([path]) => !path.includes('/meta/'))
    .reduce((sum, [, file]) => sum + file.size, 0)
}

test('names of any language are kept as they are, in the order of their bytes', async () => {
  const names = ['z', 'ä', '文件/图.png', '🙂', '\uffee', 'a b', '*?[', "it's"]
  await store.files.put(
    'r@master',
    names.map((name) => text(name, name)),
  )
  const sorted = names.toSorted((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)))
  expect(await pathsOf(store, 'r@master')).toEqual(sorted)
  expect(await textOf(store, 'r@master', '文件/图.png')).toBe('文件/图.png')
  for (const bad of ['a/../b', './x', 'a//b', '', 'nul\0']) {
    await expect(store.files.put('r@master', [text(bad, 'x')])).rejects.toMatchObject({
      code: 'PATH_INVALID',
    })
  }
})

test('a path that would be both file and directory is refused and nothing changes', async () => {
  const before = await store.files.put('r@master', [text('a', '1'), text('d/x/y', '1')])
  for (const clash of [
    [text('a/b', '2')],
    [text('d', '2')],
    [text('d/x', '2')],
    [text('new', '1'), text('new/below', '2')],
    [text('d/x/y/z', '1'), text('fine', '1')],
  ]) {
    await expect(store.files.put('r@master', clash)).rejects.toMatchObject({
      code: 'PATH_CONFLICT',
    })
  }
  expect(store.commits.inspect('r@master').id).toBe(before.id)
  const many = Array.from({ length: 100 }, (_, i) => text(`d/${i}`, '1'))
  await expect(store.files.put('r@master', [...many, text('d/x', '1')])).rejects.toMatchObject({
    data: { conflicts: ['d/x'] },
  })
  await store.files.put('r@master', many)
})

test('append adds to what is there, again and again, and makes the file when it is new', async () => {
  await store.files.put('r@master', [text('log', 'one ')], { append: true })
  await store.files.put('r@master', [text('log', 'two '), text('log', 'three')], { append: true })
  expect(await textOf(store, 'r@master', 'log')).toBe('one two three')
  await store.files.put('r@master', [text('log', 'four'), text('log', 'five')])
  expect(await textOf(store, 'r@master', 'log')).toBe('five')
})

test('writes at the same time on one branch all arrive', async () => {
  await Promise.all(
    Array.from({ length: 8 }, (_, i) => store.files.put('r@master', [text(`f${i}`, String(i))])),
  )
  expect((await pathsOf(store, 'r@master')).length).toBe(8)
  expect(store.commits.list({ repo: 'r', branch: 'master' }).length).toBe(8)
})

test('a copy of a file or a directory moves no bytes, across repos too', async () => {
  await store.repos.create('other')
  await store.files.put('r@master', [text('d/a', 'long content'), text('d/e/b', 'more content')])
  const before = await stored()
  await store.files.copy('other@master', { commit: 'r@master', path: 'd' }, 'new/place')
  await store.files.copy('other@master', { commit: 'r@master', path: 'd/a' }, 'single')
  expect(await stored()).toBe(before)
  expect(await pathsOf(store, 'other@master')).toEqual(['new/place/a', 'new/place/e/b', 'single'])
  expect(await textOf(store, 'other@master', 'new/place/e/b')).toBe('more content')
  await store.files.copy('other@master', { commit: 'other@master', path: 'single' }, 'single', {
    append: true,
  })
  expect(await textOf(store, 'other@master', 'single')).toBe('long contentlong content')
})

test('delete takes files and whole directories, nothing missing is an error, the root empties', async () => {
  await store.files.put(
    'r@master',
    ['a', 'b/c', 'b/d/e', 'b.txt'].map((path) => text(path, path)),
  )
  await store.files.delete('r@master', ['b', 'nothing/here'])
  expect(await pathsOf(store, 'r@master')).toEqual(['a', 'b.txt'])
  await store.files.delete('r@master', ['/'])
  expect(await pathsOf(store, 'r@master')).toEqual([])
  expect(store.commits.inspect('r@master')).toMatchObject({ size: 0, count: 0 })
})

test('listing shows direct children with the size of all below', async () => {
  await store.files.put(
    'r@master',
    ['a', 'b/c', 'b/d/e', 'b.txt'].map((path) => text(path, path)),
  )
  const shown = async (path?: string) =>
    (await collect(store.files.list('r@master', path))).map(({ path, size }) => `${path} ${size}`)
  expect(await shown()).toEqual(['a 1', 'b.txt 5', 'b 8'])
  expect(await shown('/b/')).toEqual(['b/c 3', 'b/d 5'])
  expect(await shown('a')).toEqual(['a 1'])
  await expect(shown('nothing')).rejects.toMatchObject({ code: 'FILE_NOT_FOUND' })
  expect(await store.files.inspect('r@master', 'b')).toMatchObject({
    kind: 'directory',
    path: 'b',
    size: 8,
    count: 2,
  })
  await expect(store.files.read('r@master', 'b')).rejects.toThrow('is a directory')
})

test('a glob meets files and directories, each once', async () => {
  await store.files.put(
    'r@master',
    ['a', 'b/c', 'b/d/e', 'b.txt'].map((path) => text(path, path)),
  )
  const topLevel = { prefix: '', matches: (path: string) => path !== '' && !path.includes('/') }
  const found = await collect(store.files.glob('r@master', topLevel))
  expect(found.map(({ kind, path }) => `${kind} ${path}`)).toEqual([
    'file a',
    'file b.txt',
    'directory b',
  ])
  const below = { prefix: 'b/', matches: (path: string) => path === 'b/d' || path === 'a' }
  expect((await collect(store.files.glob('r@master', below))).map(({ path }) => path)).toEqual([
    'b/d',
  ])
})

test('a diff names changed files and the directories above them', async () => {
  await store.files.put('r@master', [text('a', '1'), text('d/same', '1'), text('d/old', '1')])
  await store.transact(async (tx) => {
    await tx.commits.start('r@master')
    await tx.files.put('r@master', [text('a', '22'), text('e/f/new', '1')])
    await tx.files.delete('r@master', ['d/old'])
    await tx.commits.finish('r@master')
  })
  const diff = await collect(store.files.diff('r@master'))
  const shown = diff.map(
    ({ path, before, after }) => `${path} ${before?.size ?? '-'} ${after?.size ?? '-'}`,
  )
  expect(shown).toEqual([' 3 4', 'a 1 2', 'd 2 1', 'd/old 1 -', 'e - 1', 'e/f - 1', 'e/f/new - 1'])
  const shallow = await collect(store.files.diff('r@master', 'r@master^', { shallow: true }))
  expect(shallow.map(({ path }) => path)).toEqual(['', 'a', 'd', 'e'])
  const inside = await collect(store.files.diff('r@master', 'r@master^', { path: 'd' }))
  expect(inside.map(({ path }) => path)).toEqual(['d', 'd/old'])
})

test('a merge takes both sides; where both changed a path it reports and changes nothing', async () => {
  await store.files.put('r@master', [text('a', '1'), text('b', '1')])
  await store.branches.set('r@dev', { head: 'master' })
  await store.files.put('r@dev', [text('a', 'theirs'), text('c', 'new')])
  const before = await store.files.put('r@master', [text('a', 'ours')])
  const reported = await store.files.merge('r@master', 'r@dev')
  expect(reported).toMatchObject({ kind: 'conflict', conflicts: [{ path: 'a' }] })
  expect(store.commits.inspect('r@master').id).toBe(before.id)
  const merged = await store.files.merge('r@master', 'dev', { prefer: 'ours' })
  expect(merged).toMatchObject({ kind: 'merged', commit: { parent: before.id } })
  expect(await textOf(store, 'r@master', 'a')).toBe('ours')
  expect(await textOf(store, 'r@master', 'c')).toBe('new')
  expect(await store.files.merge('r@master', 'dev')).toEqual({ kind: 'up to date' })
})

test('a folder is put whole, links followed; one unreadable file and nothing changes', async () => {
  mkdirSync(join(folder, 'sub/.hidden'), { recursive: true })
  writeFileSync(join(folder, 'sub.txt'), 'x')
  writeFileSync(join(folder, 'sub/run'), 'y')
  writeFileSync(join(folder, 'sub/.hidden/z'), 'z')
  chmodSync(join(folder, 'sub/run'), 0o755)
  symlinkSync('sub/run', join(folder, 'link'))
  await store.files.put('r@master', folderSources(folder, 'in'))
  expect(await pathsOf(store, 'r@master')).toEqual([
    'in/link',
    'in/sub.txt',
    'in/sub/.hidden/z',
    'in/sub/run',
  ])
  expect(await store.files.inspect('r@master', 'in/sub/run')).toMatchObject({ executable: true })
  symlinkSync(join(folder, 'gone'), join(folder, 'dangling'))
  const failing = store.files.put('r@master', folderSources(folder, 'again'))
  await expect(failing).rejects.toMatchObject({ code: 'IO_FAILED' })
  await expect(failing).rejects.toThrow('dangling')
  expect((await pathsOf(store, 'r@master')).length).toBe(4)
})

test('a store that lies in a folder is not put with it', async () => {
  mkdirSync(join(folder, 'sub/.varve'), { recursive: true })
  writeFileSync(join(folder, 'sub/.varve/settings.json'), '{}')
  writeFileSync(join(folder, 'sub/a'), 'a')
  await store.files.put('r@master', folderSources(folder))
  expect(await pathsOf(store, 'r@master')).toEqual(['sub/a'])
})

test('a folder that leads back into itself is an error, not a loop', async () => {
  symlinkSync(folder, join(folder, 'me'))
  await expect(store.files.put('r@master', folderSources(folder))).rejects.toThrow('holds it')
})

test('archives, compressed too, URLs and long streams are put', async () => {
  const archive = pack()
  archive.entry({ name: './d/', type: 'directory' })
  archive.entry({ name: './d/a.txt', mode: 0o755 }, 'from tar')
  archive.entry({ name: 'large', mode: 0o755 }, Buffer.alloc(9 << 20, 'long'))
  archive.entry({ name: 'last' }, 'behind it')
  archive.finalize()
  const chunks: Uint8Array[] = []
  for await (const chunk of archive) chunks.push(chunk as Uint8Array)
  const zipped = async function* () {
    yield gzipSync(Buffer.concat(chunks))
  }
  await store.files.put('r@master', tarSources(zipped(), 'x'))
  expect(await textOf(store, 'r@master', 'x/d/a.txt')).toBe('from tar')
  expect(await textOf(store, 'r@master', 'x/last')).toBe('behind it')
  const large = await store.files.inspect('r@master', 'x/large')
  expect(large).toMatchObject({ size: 9 << 20, executable: true })
  expect(await textOf(store, 'r@master', 'x/large')).toBe('long'.repeat((9 << 20) / 4))
  await store.files.put('r@master', [{ kind: 'url', path: 'u', url: 'https://example.org/1' }])
  expect(await textOf(store, 'r@master', 'u')).toBe('bytes of https://example.org/1')
  const megabyte = Buffer.alloc(1 << 20, 7)
  const long = async function* () {
    for (let i = 0; i < 10; i += 1) yield megabyte
  }
  await store.files.put('r@master', [{ kind: 'stream', path: 'long', open: long }])
  expect(await store.files.inspect('r@master', 'long')).toMatchObject({ size: 10 << 20 })
  const part = await collect(store.files.stream('r@master', 'long', { start: 5, end: 9 }))
  expect(Buffer.concat(part).toString('hex')).toBe('07070707')
})

test('an archive with a link names it and changes nothing', async () => {
  const archive = pack()
  archive.entry({ name: 'a' }, 'x')
  archive.entry({ name: 'l', type: 'symlink', linkname: 'a' })
  archive.finalize()
  await expect(
    store.files.put('r@master', tarSources(archive as unknown as AsyncIterable<Uint8Array>)),
  ).rejects.toMatchObject({ code: 'NOT_SUPPORTED', data: { name: 'l' } })
  expect(store.branches.find('r@master')).toBe(undefined)
})

test('branches merged into each other crosswise merge again without a conflict', async () => {
  const { files, branches } = store
  await files.put('r@master', [text('a', 'a0'), text('b', 'b0')])
  await branches.set('r@dev', { head: 'r@master' })
  await files.put('r@master', [text('a', 'a1')])
  await files.put('r@dev', [text('b', 'b1')])
  const mine = store.commits.inspect('r@master')
  await files.merge('r@master', 'dev')
  await files.merge('r@dev', mine.id)
  await files.put('r@master', [text('a', 'a2')])
  await files.put('r@dev', [text('b', 'b2')])
  expect(await files.merge('r@master', 'dev')).toMatchObject({ kind: 'merged' })
  expect(await textOf(store, 'r@master', 'a')).toBe('a2')
  expect(await textOf(store, 'r@master', 'b')).toBe('b2')
})

test('a directory has a digest of what is below it: equal content, equal digest, wherever it lies', async () => {
  const below = (folder: string, content: string) => [
    text(`${folder}/x`, content),
    text(`${folder}/sub/y`, '2'),
  ]
  const { files } = store
  await files.put('r@master', [...below('one', '1'), ...below('two', '1'), ...below('three', '3')])
  const digests = []
  for (const folder of ['one', 'two', 'three']) {
    const found = await files.inspect('r@master', folder)
    expect(found.digest).toMatch(/^[0-9a-f]{64}$/)
    digests.push(found.digest)
  }
  expect(digests[0]).toBe(digests[1])
  expect(digests[0]).not.toBe(digests[2])
})

test('outputs that name their member lie in the lane as one sample', async () => {
  const picture = Buffer.from('not a picture')
  const key = digestOf(picture)
  const outputs = [
    { path: '0000000001.jpg', bytes: picture, member: { key, extension: 'jpg' } },
    { path: '0000000001.json', bytes: Buffer.from('{}'), member: { key, extension: 'json' } },
  ]
  await store.files.edit('r@master', await store.content.addOutputs('r', outputs))
  expect(await textOf(store, 'r@master', '0000000001.json')).toBe('{}')
  const objects = memoryObjects(opened.files)
  const listed = await objects.list('segments/')
  const segment = listed.find(({ key }) => !key.includes('/meta/'))
  const lane = segment?.key.split('/').slice(1, -1).join('/') ?? ''
  const names: string[] = []
  for await (const items of readLane(objects, lane)) names.push(...items.map(({ name }) => name))
  expect(names).toEqual([`${key}.jpg`, `${key}.json`])
})
