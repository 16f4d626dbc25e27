import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { initProject } from './init.ts'
import { openVarve } from './open.ts'
import type { Varve } from './varve.ts'

let folder: string
let varve: Varve

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'varve-repo-'))
  await initProject({ directory: folder })
  varve = await openVarve({ dir: folder })
  await varve.repos.create('images')
})

afterEach(async () => {
  await varve.close()
  rmSync(folder, { recursive: true, force: true })
})

async function paths(): Promise<string[]> {
  const found: string[] = []
  for await (const { path } of varve.repo('images').walk()) found.push(path)
  return found
}

test('all that is put and deleted is one commit, and the last word on a path counts', async () => {
  const images = varve.repo('images')
  await images.commit(async (tx) => {
    for (let at = 0; at < 2500; at++) await tx.put(`many/${at}`, `content ${at % 7}`)
    await tx.put('a', 'first')
    await tx.put('a', 'second')
    await tx.put('gone/x', 'x')
    await tx.delete('gone')
  })
  expect(varve.history({ repo: 'images', branch: 'master' })).toHaveLength(1)
  expect(Buffer.from(await images.read('a')).toString()).toBe('second')
  expect(await paths()).toHaveLength(2501)
  await images.commit(async (tx) => {
    await tx.delete('many')
    await tx.put('many/1', 'again')
  })
  expect(await paths()).toEqual(['a', 'many/1'])
})

test('when the work throws, nothing happened', async () => {
  const work = varve.repo('images').commit(async (tx) => {
    await tx.put('a', 'a')
    throw new Error('no')
  })
  await expect(work).rejects.toThrow('no')
  expect(varve.history({ repo: 'images', branch: undefined })).toEqual([])
})

test('a store opened for reading reads while another writes, and cannot write', async () => {
  await varve.repo('images').commit(async (tx) => tx.put('a', 'a'))
  await using reader = await openVarve({ dir: folder, mode: 'read' })
  expect(Buffer.from(await reader.repo('images').read('a')).toString()).toBe('a')
  await expect(reader.repos.create('more')).rejects.toThrow()
  await expect(openVarve({ dir: folder })).rejects.toMatchObject({ code: 'STORE_LOCKED' })
})
