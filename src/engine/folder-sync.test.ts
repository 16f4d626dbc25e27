import {
  chmodSync,
  mkdirSync,
  mkdtempSync,
  rmSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { initProject } from './init.ts'
import { openVarve } from './open.ts'
import type { Varve } from './varve.ts'

let folder: string
let varve: Varve

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'varve-apply-'))
  mkdirSync(join(folder, 'photos'))
  write('a.jpg', 'a')
  write('b.jpg', 'b')
  writeFileSync(join(folder, 'varve.yaml'), 'repos:\n  - name: images\n    from: photos\n')
  await initProject({ directory: folder })
  varve = await openVarve({ dir: folder })
})

afterEach(async () => {
  await varve.close()
  rmSync(folder, { recursive: true, force: true })
})

function write(name: string, text: string): void {
  writeFileSync(join(folder, 'photos', name), text)
}

async function content(): Promise<Record<string, string>> {
  const files: Record<string, string> = {}
  for await (const { path } of varve.repo('images').walk()) {
    files[path] = Buffer.from(await varve.repo('images').read(path)).toString()
  }
  return files
}

const commits = (): number => varve.history({ repo: 'images', branch: 'master' }).length

test('applying twice changes nothing', async () => {
  expect(await varve.apply()).toMatchObject({ changes: [] })
  expect(commits()).toBe(1)
})

test('changes of the folder are carried over in one commit', async () => {
  write('a.jpg', 'other')
  write('c.jpg', 'c')
  rmSync(join(folder, 'photos', 'b.jpg'))
  const { changes } = await varve.apply()
  expect(changes.map(({ text }) => text)).toEqual([
    'put 2 files and delete 1 file in images@master',
  ])
  expect(await content()).toEqual({ 'a.jpg': 'other', 'c.jpg': 'c' })
  expect(commits()).toBe(2)
})

test('what people put into the repo by hand stays', async () => {
  await varve.repo('images').commit(async (tx) => {
    await tx.put('mine.jpg', 'mine')
    await tx.put('a.jpg', 'edited')
  })
  write('b.jpg', 'bb')
  await varve.apply()
  expect(await content()).toEqual({ 'a.jpg': 'edited', 'b.jpg': 'bb', 'mine.jpg': 'mine' })
})

test('a file that became executable, or is so no more, is a change', async () => {
  const isExecutable = async () => {
    const info = await varve.files.find('images@master', 'a.jpg')
    return info?.kind === 'file' ? info.executable : undefined
  }
  chmodSync(join(folder, 'photos', 'a.jpg'), 0o755)
  await varve.apply()
  expect(await isExecutable()).toBe(true)
  expect((await varve.apply()).changes).toEqual([])
  chmodSync(join(folder, 'photos', 'a.jpg'), 0o644)
  await varve.apply()
  expect(await isExecutable()).toBe(false)
})

test('a file that was only touched is no change', async () => {
  utimesSync(join(folder, 'photos', 'a.jpg'), 1, 1)
  expect((await varve.apply()).changes).toEqual([])
})

test('a dry run tells the same and changes nothing', async () => {
  write('c.jpg', 'c')
  expect((await varve.apply({ dryRun: true })).changes).toHaveLength(1)
  expect(commits()).toBe(1)
  expect((await varve.apply()).changes).toHaveLength(1)
})

test('a fault anywhere in the project file leaves everything as it was', async () => {
  writeFileSync(
    join(folder, 'varve.yaml'),
    'repos: [other]\npipelines:\n  - pipeline: { name: p }\n    inptu: {}\n',
  )
  await expect(varve.apply()).rejects.toMatchObject({ code: 'SPEC_INVALID' })
  expect(varve.repos.exists('other')).toBe(false)
})

test('links in the folder are followed, to folders as well, and no store that lies there', async () => {
  mkdirSync(join(folder, 'elsewhere'))
  writeFileSync(join(folder, 'elsewhere', 'far.jpg'), 'far')
  symlinkSync('../elsewhere', join(folder, 'photos', 'more'))
  symlinkSync('a.jpg', join(folder, 'photos', 'same.jpg'))
  mkdirSync(join(folder, 'photos', '.varve'))
  write('.varve/settings.json', '{}')
  await varve.apply()
  expect(await content()).toEqual({
    'a.jpg': 'a',
    'b.jpg': 'b',
    'more/far.jpg': 'far',
    'same.jpg': 'a',
  })
})

test('a link that leads nowhere is named, and nothing is changed', async () => {
  symlinkSync('gone.jpg', join(folder, 'photos', 'lost.jpg'))
  const applying = varve.apply()
  await expect(applying).rejects.toMatchObject({ code: 'IO_FAILED' })
  await expect(applying).rejects.toThrow('lost.jpg')
  expect(await content()).toEqual({ 'a.jpg': 'a', 'b.jpg': 'b' })
})

test('a repo with the longest name of any script is filled', async () => {
  const longest = '雪'.repeat(128)
  writeFileSync(join(folder, 'varve.yaml'), `repos:\n  - name: ${longest}\n    from: photos\n`)
  await varve.apply()
  expect((await varve.repo(longest).read('a.jpg')).toString()).toBe('a')
  expect(await varve.apply()).toMatchObject({ changes: [] })
})
