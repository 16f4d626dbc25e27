import { execFileSync } from 'node:child_process'
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { CliRig } from './cli.fixture.ts'

const rig = new CliRig()

beforeAll(async () => {
  await rig.must(['init'])
  mkdirSync(join(rig.folder, 'in', 'sub'), { recursive: true })
  writeFileSync(join(rig.folder, 'in', 'a.txt'), 'a')
  writeFileSync(join(rig.folder, 'in', 'sub', 'b.txt'), 'bb')
}, 120_000)

afterAll(() => rig.dispose())

let repos = 0
async function freshRepo(): Promise<string> {
  const name = `r${repos++}`
  await rig.must(['create', 'repo', name])
  return name
}

async function paths(repo: string): Promise<string[]> {
  const lines = await rig.must(['glob', 'file', `${repo}@master:/**`])
  const rows = lines.trimEnd().split('\n').slice(1)
  return rows.map((line) => line.split(/\s+/)[0] ?? '').filter((path) => !path.endsWith('/'))
}

test('bytes from stdin come back from `get file` as they were, also large and binary ones', async () => {
  const repo = await freshRepo()
  const bytes = Buffer.alloc(9 * 1024 * 1024, Buffer.from([0, 255, 10, 13, 200]))
  await rig.must(['put', 'file', `${repo}@master:big.bin`], { input: bytes })
  await rig.must(['get', 'file', `${repo}@master:big.bin`, '-o', 'out/big.bin'])
  expect(readFileSync(join(rig.folder, 'out', 'big.bin')).equals(bytes)).toBe(true)
})

test('a folder goes under its own name, under the path named, or to the root', async () => {
  const [own, named, root] = [await freshRepo(), await freshRepo(), await freshRepo()]
  await rig.must(['put', 'file', `${own}@master`, '-r', '-f', 'in'])
  await rig.must(['put', 'file', `${named}@master:p/q`, '-r', '-f', 'in'])
  await rig.must(['put', 'file', `${root}@master:/`, '-r', '-f', 'in'])
  expect(await paths(own)).toEqual(['/in/a.txt', '/in/sub/b.txt'])
  expect(await paths(named)).toEqual(['/p/q/a.txt', '/p/q/sub/b.txt'])
  expect(await paths(root)).toEqual(['/a.txt', '/sub/b.txt'])
})

test('one line is one commit, however many files it puts', async () => {
  const repo = await freshRepo()
  await rig.must([
    'put',
    'file',
    `${repo}@master`,
    '-f',
    'in/a.txt',
    '-f',
    'in/sub/b.txt',
    '-m',
    'both',
  ])
  const commits = (await rig.json(['list', 'commit', `${repo}@master`])) as { message: string }[]
  expect(commits.map(({ message }) => message)).toEqual(['both'])
  expect(await paths(repo)).toEqual(['/a.txt', '/b.txt'])
})

test('-a appends, the default replaces', async () => {
  const repo = await freshRepo()
  const file = `${repo}@master:x`
  await rig.must(['put', 'file', file], { input: 'one' })
  await rig.must(['put', 'file', file, '-a'], { input: 'two' })
  expect(await rig.must(['get', 'file', file])).toBe('onetwo')
  await rig.must(['put', 'file', file], { input: 'three' })
  expect(await rig.must(['get', 'file', file])).toBe('three')
})

test('--untar takes the files out of an archive, and -i reads sources from a list', async () => {
  const [repo, listed] = [await freshRepo(), await freshRepo()]
  execFileSync('tar', ['-czf', 'in.tar.gz', '-C', 'in', '.'], { cwd: rig.folder })
  await rig.must(['put', 'file', `${repo}@master`, '--untar', '-f', 'in.tar.gz'])
  expect(await paths(repo)).toEqual(['/a.txt', '/sub/b.txt'])
  writeFileSync(join(rig.folder, 'list.txt'), 'in/a.txt\n# a remark\n\nin/sub/b.txt\n')
  await rig.must(['put', 'file', `${listed}@master`, '-i', 'list.txt'])
  expect(await paths(listed)).toEqual(['/a.txt', '/b.txt'])
})

test('a folder comes back to disk as it went in', async () => {
  const repo = await freshRepo()
  await rig.must(['put', 'file', `${repo}@master:/`, '-r', '-f', 'in'])
  await rig.must(['get', 'file', `${repo}@master:/`, '-r', '-o', 'back'])
  execFileSync('diff', ['-r', 'in', 'back'], { cwd: rig.folder })
})

test('copy moves no bytes, and delete with -r takes a folder away', async () => {
  const repo = await freshRepo()
  await rig.must(['put', 'file', `${repo}@master:d/x`], { input: 'content' })
  const lane = (name: string): boolean => name.startsWith('default') || name.includes(repo)
  const data = (): [string, number][] =>
    Object.entries(rig.storedBytes()).filter(([name]) => lane(name) && !name.startsWith('meta'))
  const before = data()
  await rig.must(['copy', 'file', `${repo}@master:d`, `${repo}@master:e`])
  expect(data()).toEqual(before)
  await rig.must(['delete', 'file', `${repo}@master:d`, '-r'])
  expect(await paths(repo)).toEqual(['/e/x'])
})

test('a diff tells what was added, deleted and changed', async () => {
  const repo = await freshRepo()
  await rig.must(['put', 'file', `${repo}@master:/`, '-r', '-f', 'in'])
  await rig.must(['put', 'file', `${repo}@master:a.txt`], { input: 'aaaa' })
  await rig.must(['put', 'file', `${repo}@master:new`], { input: 'n' })
  const text = await rig.must(['diff', `${repo}@master`, `${repo}@master^^`])
  expect(text).toBe('~ /a.txt  1B to 4B\n+ /new  1B\n')
})

test('`materialize` takes the branch master and the project as every command does', async () => {
  await rig.must(['create', 'project', 'p'])
  await rig.must(['create', 'repo', 'shelf', '--project', 'p'])
  await rig.must(['put', 'file', 'shelf@master:/a.txt', '--project', 'p'], { input: 'A' })
  const whole = await rig.json(['materialize', 'p/shelf@master', '--to', 'whole'])
  expect(whole).toMatchObject({ samples: 1 })
  const short = await rig.json(['materialize', 'shelf', '--project', 'p', '--to', 'short'])
  expect(short).toEqual(whole)
})
