import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { digestOf } from '../model/index.ts'
import { compileGlob } from '../pipelines/index.ts'
import { collect, openTestStore, text, type TestStore } from '../repos/store.fixture.ts'
import { treeView, treeViewPair } from './tree-view.ts'

let opened: TestStore
beforeEach(async () => {
  opened = await openTestStore()
  await opened.store.repos.create('r')
})
afterEach(() => opened.close())

const view = async (...paths: string[]) => {
  await opened.store.files.put(
    'r@master',
    paths.map((path) => text(path, `of ${path.split('/').at(-1)}`)),
  )
  return treeView(opened.store.content, opened.store.commits.inspect('r@master').files)
}
const matching = async (tree: Awaited<ReturnType<typeof view>>, glob: string) =>
  (await collect(tree.matches(compileGlob(glob)))).flat()

describe('the files of a commit as the planner sees them', () => {
  test('directories match with the totals below them, in path order', async () => {
    const tree = await view('b/x', 'b/y/z', 'b-c', 'a', 'b.txt')
    const found = await matching(tree, '/*')
    expect(found.map(({ path, directory, files }) => [path, directory, files])).toEqual([
      ['a', false, 1],
      ['b', true, 2],
      ['b-c', false, 1],
      ['b.txt', false, 1],
    ])
    expect((await matching(tree, '/**')).map(({ path }) => path)).toContain('b/y')
    expect((await matching(tree, '/')).map(({ path, files }) => [path, files])).toEqual([['', 5]])
  })

  test('a listed directory and one that is asked for agree, wherever it lies', async () => {
    const tree = await view('one/x', 'one/d/y', 'two/x', 'two/d/y')
    const [one, two] = await matching(tree, '/*')
    const [asked] = await tree.contentOf(['one'])
    expect(asked).toEqual(one)
    expect(one?.digest).toBe(two?.digest)
    expect(await tree.contentOf(['none', 'one/x'])).toMatchObject([
      undefined,
      { path: 'one/x', directory: false },
    ])
  })

  test('the whole tree is known by its root, asked for or matched, without reading the files', async () => {
    const tree = await view('a', 'b/x')
    const [asked] = await tree.contentOf([''])
    expect(asked).toMatchObject({ path: '', directory: true, digest: tree.rootDigest, files: 2 })
    expect(await matching(tree, '/')).toEqual([asked])
  })

  test('the executable bit is told of files and is part of the digest of their directories', async () => {
    const plain = await view('d/x', 'd/y', 'z')
    const [before] = await matching(plain, '/*')
    // What stores hold: the lines `<path> NUL <digest> LF`.
    expect(before?.digest).toBe(digestOf(`x\0${digestOf('of x')}\ny\0${digestOf('of y')}\n`))
    const path = 'd/x'
    const source = { kind: 'bytes', path, bytes: Buffer.from('of x'), executable: true } as const
    await opened.store.files.put('r@master', [source])
    const root = opened.store.commits.inspect('r@master').files
    const after = treeView(opened.store.content, root)
    const [directory, file] = await matching(after, '/*')
    expect(directory?.digest).not.toBe(before?.digest)
    expect(file?.executable).toBe(false)
    const asked = await after.contentOf(['d', 'd/x', 'd/y'])
    expect(asked[0]).toEqual(directory)
    expect(asked.map((each) => each?.executable)).toEqual([false, true, false])
    expect((await matching(after, '/d/*')).map((each) => each.executable)).toEqual([true, false])
  })

  test('changes name each changed file below a prefix once', async () => {
    const before = await view('a/1', 'b/1')
    const after = await view('a/2', 'b/2')
    const pair = treeViewPair(opened.store.content, before.rootDigest, after.rootDigest)
    expect((await collect(pair.changes('a/'))).flat()).toMatchObject([
      { path: 'a/2', before: undefined },
    ])
  })
})
