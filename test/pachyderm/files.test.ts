import { describe, expect, test } from 'vitest'
import type { CommitInfo } from '../../src/index.ts'
import { collect, openRig, ShellRig } from '../rig.ts'

describe('36: putting files', () => {
  test('36: a put replaces, an appended one adds, in one commit and over several', async () => {
    const rig = new ShellRig()
    const output = await rig.sh(`
      pachctl create repo data
      commit=$(pachctl start commit data@master)
      printf 'foo\\n' | pachctl put file data@$commit:/file -f -
      printf 'foo\\n' | pachctl put file data@$commit:/file -f - -a
      pachctl get file data@$commit:/file
      pachctl finish commit data@$commit
      echo --
      printf 'bar\\n' | pachctl put file data@master:/file -a
      pachctl get file data@master:/file
      echo --
      printf 'buzz\\n' | pachctl put file data@master:/file
      pachctl get file data@master:/file
      pachctl get file data@$commit:/file
    `)
    expect(output).toBe('foo\nfoo\n--\nfoo\nfoo\nbar\n--\nbuzz\nfoo\nfoo\n')
  })

  test('36: deep paths, and folders that exist while something is in them', async () => {
    const rig = await openRig()
    await rig.repos({ data: { file1: 'foo', 'dir1/file2': 'bar', 'dir1/dir2/file3': 'buzz' } })
    expect(await rig.list('data')).toEqual(['dir1/', 'file1'])
    expect(await rig.list('data', 'dir1')).toEqual(['dir1/dir2/', 'dir1/file2'])
    await rig.put('data', { 'dir1/dir2/file3': undefined })
    expect(await rig.list('data', 'dir1')).toEqual(['dir1/file2'])
  })

  test('36: a path cannot be a file and a folder', async () => {
    const rig = await openRig()
    await rig.repos({ data: { file: 'foo', 'dir/file': 'foo' } })
    await expect(rig.put('data', { 'file/below': 'x' })).rejects.toMatchObject({
      code: 'PATH_CONFLICT',
    })
    await expect(rig.put('data', { dir: 'x' })).rejects.toMatchObject({ code: 'PATH_CONFLICT' })
    expect(rig.history('data')).toHaveLength(1)
  })

  test('36: puts of one path at the same time: one of them wins whole', async () => {
    const rig = await openRig()
    await rig.repos({ data: {} })
    const text = (number: number): string => `${number}`.repeat(100_000)
    const puts = Array.from({ length: 10 }, (_, number) => rig.put('data', { file: text(number) }))
    await Promise.all(puts)
    const content = await rig.text('data', 'file')
    expect(content).toBe(text(Number(content[0])))
    expect(rig.history('data')).toHaveLength(10)
  })

  test('36: puts of different paths into one open commit at the same time all arrive', async () => {
    const rig = await openRig()
    await rig.repos({ data: {} })
    const { id } = await rig.varve.commits.start('data@master')
    const names = Array.from({ length: 30 }, (_, number) => `file-${number}`)
    const put = (path: string): Promise<CommitInfo> =>
      rig.varve.files.put(`data@${id}`, [{ kind: 'bytes', path, bytes: Buffer.from(path) }])
    await Promise.all(names.map(put))
    await rig.varve.commits.finish(`data@${id}`)
    expect(await rig.files('data')).toEqual(Object.fromEntries(names.map((name) => [name, name])))
    await expect(put('late')).rejects.toMatchObject({ code: 'COMMIT_FINISHED' })
  })

  test('36: a copy of a file or folder, within a repo and across, is equal and moves no bytes', async () => {
    const rig = await openRig()
    await rig.repos({ data: { 'dir/a': 'foo', 'dir/b': 'bar', file: 'buzz' }, other: {} })
    const { files } = rig.varve
    const before = (await rig.varve.status()).storeBytes
    await files.copy('data@master', { commit: 'data@master', path: 'dir' }, 'copied')
    await files.copy('other@master', { commit: 'data@master', path: 'dir' }, 'dir')
    await files.copy('other@master', { commit: 'data@master', path: 'file' }, 'renamed')
    await files.copy('other@master', { commit: 'data@master', path: 'file' }, 'dir/a', {
      append: true,
    })
    expect(await rig.files('data')).toMatchObject({ 'copied/a': 'foo', 'copied/b': 'bar' })
    expect(await rig.files('other')).toEqual({
      'dir/a': 'foobuzz',
      'dir/b': 'bar',
      renamed: 'buzz',
    })
    const { digest: original } = (await files.inspect('data@master', 'file')) as { digest: string }
    expect(await files.inspect('other@master', 'renamed')).toMatchObject({ digest: original })
    expect((await rig.varve.status()).storeBytes - before).toBeLessThan(64 * 1024)
  })

  test('36: names in any language are fine, which upstream refuses; "..", "." and nothing are not', async () => {
    // Upstream allows printable ASCII without glob characters only.
    const rig = await openRig()
    const names = {
      'größe/ñ.txt': '1',
      '写真/猫.jpg': '2',
      'with [brackets] {and} (more)!.txt': '3',
    }
    await rig.repos({ data: names })
    expect(await rig.files('data')).toEqual(names)
    expect(await rig.glob('data', '/写真/*')).toEqual(['写真/猫.jpg'])
    for (const path of ['../x', 'a/../b', './x', 'a/./b', '', 'a\0b']) {
      await expect(rig.put('data', { [path]: 'x' }), path).rejects.toMatchObject({
        code: 'PATH_INVALID',
      })
    }
  })
})

describe('37: deleting and comparing', () => {
  test('37: deletes reach across commits, and what is put again is there again', async () => {
    const rig = await openRig()
    await rig.repos({ data: { file1: 'foo', file2: 'bar' } })
    const first = rig.history('data')[0]?.id ?? '?'
    await rig.put('data', { file1: undefined })
    expect(await rig.files('data')).toEqual({ file2: 'bar' })
    expect(await rig.files(`data@${first}`)).toEqual({ file1: 'foo', file2: 'bar' })
    await rig.put('data', { file1: 'again', 'no-such-file': undefined })
    expect(await rig.files('data')).toEqual({ file1: 'again', file2: 'bar' })
  })

  test('37: a folder goes with all below, also in the commit that made it', async () => {
    const rig = new ShellRig()
    rig.write({ 'files/dir/1': 'foo', 'files/dir/deep/2': 'bar', 'files/other': 'buzz' })
    const output = await rig.sh(`
      pachctl create repo data
      commit=$(pachctl start commit data@master)
      pachctl put file data@$commit:/ -r -f files
      pachctl delete file -r data@$commit:/dir
      pachctl finish commit data@$commit
      pachctl glob file "data@master:/**" --raw | field .file.path
      echo --
      pachctl put file data@master:/ -r -f files
      pachctl delete file -r data@master:/dir/deep
      pachctl glob file "data@master:/**" --raw | field .file.path
      echo --
      pachctl delete file -r data@master:/
      pachctl list file data@master --raw
      pachctl get file data@$commit:/other
    `)
    expect(output).toBe('/other\n--\n/dir/\n/dir/1\n/other\n--\nbuzz')
  })

  test('37: a diff shows both sides of every change, folders included, and shallow only the top', async () => {
    const rig = await openRig()
    await rig.repos({ data: { foo: 'foo', 'dir/bar': 'bar', 'dir/kept': 'kept' } })
    const first = rig.history('data')[0]?.id ?? '?'
    await rig.put('data', { foo: 'changed', 'dir/bar': undefined, 'dir/buzz': 'buzz', new: '1' })
    const diff = async (after: string, before?: string): Promise<string[]> =>
      (await collect(rig.varve.files.diff(after, before))).map(
        ({ path, before, after }) => `${path} ${sizeOf(before)} -> ${sizeOf(after)}`,
      )
    const changes = ['dir 7 -> 8', 'dir/bar 3 -> none', 'dir/buzz none -> 4']
    const all = [...changes, 'foo 3 -> 7', 'new none -> 1']
    const withRoot = (lines: string[]): string[] => lines.filter((line) => !line.startsWith(' '))
    expect(withRoot(await diff('data@master'))).toEqual(all)
    expect(withRoot(await diff('data@master', `data@${first}`))).toEqual(all)
    const below = await collect(rig.varve.files.diff('data@master', undefined, { path: 'dir' }))
    expect(below.map(({ path }) => path)).toEqual(['dir', 'dir/bar', 'dir/buzz'])
    const shallow = await collect(rig.varve.files.diff('data@master', undefined, { shallow: true }))
    expect(shallow.map(({ path }) => path).filter(Boolean)).toEqual(['dir', 'foo', 'new'])
    expect(withRoot(await diff(`data@${first}`))).toHaveLength(4)
  })
})

describe('38: globs over files and folders', () => {
  const nested = {
    apple: 'x',
    'dir/file1': 'x',
    'dir/file2.txt': 'x',
    'dir/sub/deep.txt': 'x',
    file1: 'x',
    file22: 'x',
  }
  const cases: readonly (readonly [string, readonly string[]])[] = [
    ['*', ['apple', 'dir/', 'file1', 'file22']],
    ['/*', ['apple', 'dir/', 'file1', 'file22']],
    ['/*/', ['apple', 'dir/', 'file1', 'file22']],
    ['/*/*', ['dir/file1', 'dir/file2.txt', 'dir/sub/']],
    ['/file?', ['file1']],
    ['/file*', ['file1', 'file22']],
    ['/dir', ['dir/']],
    ['/dir/*.txt', ['dir/file2.txt']],
    ['/**.txt', ['dir/file2.txt', 'dir/sub/deep.txt']],
    ['/**/deep.txt', ['dir/sub/deep.txt']],
    [
      '/**',
      [
        'apple',
        'dir/',
        'dir/file1',
        'dir/file2.txt',
        'dir/sub/',
        'dir/sub/deep.txt',
        'file1',
        'file22',
      ],
    ],
    ['/{apple,file1}', ['apple', 'file1']],
    ['/file[0-9]', ['file1']],
    ['/file[!0-9]', []],
    ['/[[:alpha:]]*[[:digit:]]', ['file1', 'file22']],
    ['/file@(1|22)', ['file1', 'file22']],
    ['/file+([0-9])', ['file1', 'file22']],
    ['/!(file*)', ['apple', 'dir/']],
    ['/?(file)1', ['file1']],
    ['/ap*(p)le', ['apple']],
    ['/none*', []],
    ['/', ['/']],
  ]

  test('38: each pattern meets the files and folders it should, in order of path', async () => {
    const rig = await openRig()
    await rig.repos({ data: nested })
    for (const [pattern, expected] of cases) {
      expect(await rig.glob('data', pattern), pattern).toEqual(expected)
    }
  })

  test('38: a put, an open commit and an old commit each answer for themselves', async () => {
    const rig = await openRig()
    await rig.repos({ data: { a: '1' } })
    const { id } = await rig.varve.commits.start('data@master')
    await rig.put('data', { b: '2' })
    expect(await rig.glob('data', '/*')).toEqual(['a', 'b'])
    expect(await rig.glob(`data@${id}^`, '/*')).toEqual(['a'])
  })

  test('38: a pattern that does not compile is refused by name', async () => {
    const rig = await openRig()
    await rig.repos({ data: { a: '1' } })
    await expect(rig.glob('data', '/(a')).rejects.toMatchObject({ code: 'GLOB_INVALID' })
    await expect(rig.glob('data', '/[a')).rejects.toMatchObject({ code: 'GLOB_INVALID' })
  })

  const captures: readonly (readonly [string, string, string, string])[] = [
    // glob, template, path, key
    ['/(*)-(*).txt', '$1', 'a-b.txt', 'a'],
    ['/(*)-(*).txt', '$2', 'a-b.txt', 'b'],
    ['/(*)-(*).txt', '$2$1', 'a-b.txt', 'ba'],
    ['/(*)-(*).txt', '${1}0', 'a-b.txt', 'a0'],
    ['/file-(?)(??)', '$2', 'file-123', '23'],
    ['/((?)?)*', '$1-$2', 'xyz', 'xy-x'],
    ['/@(one|two)-*', '$1', 'two-3', 'two'],
    ['/+([0-9])*(x)', '$1.$2', '12xx', '12.xx'],
    ['/dir/(*)', '$1', 'dir/name', 'name'],
    ['/(**)/last', '$1', 'a/b/last', 'a/b'],
    ['/(*)', '$1$3', 'a', 'a'],
    ['/(*)', '$0', 'a', '/a'],
  ]

  test('38: parts of a match in parentheses make the keys of joins and groups', async () => {
    const rig = await openRig()
    for (const [place, [glob, key, path, expected]] of captures.entries()) {
      const repo = `data-${place}`
      await rig.repos({ [repo]: { [path]: 'x' } })
      const input = { group: [{ pfs: { repo, glob, group_by: key } }] }
      const name = `p-${place}`
      await rig.create({ pipeline: { name }, input, transform: { operator: 'copy' } })
      await rig.run()
      const keys = (await rig.datums(name)).map(({ inputs }) => inputs[0]?.groupBy)
      expect(keys, `${glob} ${key}`).toEqual([expected])
    }
  })
})

function sizeOf(info: { readonly size: number } | undefined): string {
  return info === undefined ? 'none' : String(info.size)
}
