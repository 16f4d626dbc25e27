import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { setTimeout as pause } from 'node:timers/promises'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { initProject } from './init.ts'
import { openInTurn } from './open-in-turn.ts'
import { openVarve } from './open.ts'

let directory: string
beforeEach(async () => {
  directory = mkdtempSync(join(tmpdir(), 'varve-engine-'))
  await initProject({ directory })
})
afterEach(() => rmSync(directory, { recursive: true }))

test('a writer clears away what killed processes left in the scratch folder; a reader does not', async () => {
  const scratch = join(directory, '.varve/tmp')
  mkdirSync(join(scratch, 'sandbox-1/inputs'), { recursive: true })
  writeFileSync(join(scratch, 'sandbox-1/inputs/secret'), 'left behind')
  await (await openVarve({ dir: directory, mode: 'read' })).close()
  expect(readdirSync(scratch)).toEqual(['sandbox-1'])
  await (await openVarve({ dir: directory })).close()
  expect(readdirSync(scratch)).toEqual([])
})

test('a project whose sandbox cannot be opened is closed all the same, and gives the lock back', async () => {
  const varve = await openVarve({ dir: directory })
  await varve.repos.create('texts')
  await varve.repo('texts').commit((tx) => tx.put('a', 'one'))
  const pipeline = {
    pipeline: { name: 'p' },
    transform: { cmd: ['true'] },
    input: { pfs: { repo: 'texts', glob: '/*' } },
  }
  const source = { file: 'p.json', text: JSON.stringify(pipeline) }
  await varve.pipelines.change([source], { mode: 'create' })
  const scratch = join(directory, '.varve/tmp')
  rmSync(scratch, { recursive: true })
  writeFileSync(scratch, 'no folder')
  const runWhole = async () => {
    for await (const _ of varve.run()) continue
  }
  await expect(runWhole()).rejects.toThrow('ENOTDIR')
  await varve.close()
  rmSync(scratch)
  mkdirSync(scratch)
  await (await openVarve({ dir: directory })).close()
})

test('a writer that has the lock and has not said its name yet is waited for, a silent one is not', async () => {
  const nameless = new DatabaseSync(join(directory, '.varve/writer.lock'))
  nameless.exec('BEGIN EXCLUSIVE')
  const { signal } = new AbortController()
  const second = openInTurn({ dir: directory, signal })
  await pause(200)
  nameless.exec('ROLLBACK')
  await (await second).close()

  nameless.exec('BEGIN EXCLUSIVE')
  await expect(openInTurn({ dir: directory, signal })).rejects.toMatchObject({
    code: 'STORE_LOCKED',
    message: expect.stringContaining('an unknown process'),
  })
  nameless.close()
})
