import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { initProject } from './init.ts'
import { openVarve } from './open.ts'
import type { Varve } from './varve.ts'

const picky = {
  pipeline: { name: 'picky' },
  input: { pfs: { repo: 'texts', glob: '/*' } },
  transform: { cmd: ['sh', '-c', 'cp /pfs/texts/* /pfs/out/ && ! grep -q bad /pfs/texts/*'] },
  datum_tries: 1,
}

let folder: string
let varve: Varve
let stop: AbortController
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'varve-each-'))
  stop = new AbortController()
  await initProject({ directory: folder })
  varve = await openVarve({ dir: folder })
  await varve.repos.create('texts')
  const source = { file: 'picky.json', text: JSON.stringify(picky) }
  await varve.pipelines.change([source], { mode: 'create' })
})
afterEach(async () => {
  stop.abort()
  await varve.close()
  rmSync(folder, { recursive: true, force: true })
})

/** Commits a text and runs the pipeline; answers the commit it made. */
async function put(text: string): Promise<string> {
  await varve.repo('texts').commit((tx) => tx.put('a', text))
  for await (const _ of varve.run()) continue
  return varve.commits.inspect('picky@master').id
}

function reports(repo = 'picky') {
  const target = join(folder, 'out')
  return varve.materializeEach({
    commit: `${repo}@master`,
    target,
    format: 'files',
    signal: stop.signal,
  })
}

test('a branch whose head failed is materialized again when a good commit comes, not before', async () => {
  const first = await put('one')
  const each = reports()
  expect((await each.next()).value).toMatchObject({ commit: first })
  await put('bad')
  const next = each.next()
  const healed = await put('two')
  expect((await next).value).toMatchObject({ commit: healed })
})

test('a head that somebody still writes into is waited for', async () => {
  await put('one')
  const open = await varve.commits.start('texts@master')
  const each = reports('texts')
  const before = (await each.next()).value
  expect(before?.commit).not.toBe(open.id)
  const next = each.next()
  await varve.commits.finish('texts@master')
  expect((await next).value).toMatchObject({ commit: open.id })
})

test('a branch with many commits is materialized once, as it is now', async () => {
  await put('one')
  await put('two')
  const last = await put('three')
  const each = reports()
  expect((await each.next()).value).toMatchObject({ commit: last })
  const next = each.next()
  const newest = await put('four')
  expect((await next).value).toMatchObject({ commit: newest })
})

test('a branch is followed on when the commit that was written last is dropped', async () => {
  await put('one')
  const before = varve.commits.inspect('texts@master').id
  await put('two')
  const each = reports('texts')
  await each.next()
  await varve.commits.drop('texts@master', { recursive: true })
  expect((await each.next()).value).toMatchObject({ commit: before })
  const next = each.next()
  const newest = await varve.repo('texts').commit((tx) => tx.put('a', 'three'))
  expect((await next).value).toMatchObject({ commit: newest.id })
})
