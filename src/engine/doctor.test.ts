import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { examine } from './doctor.ts'
import { initProject } from './init.ts'
import { reindexStore } from './maintain.ts'
import { openVarve } from './open.ts'

let folder = ''
const asked = process.env['VARVE_SANDBOX']

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'varve-doctor-'))
  await initProject({ directory: folder })
  const varve = await openVarve({ dir: folder })
  await varve.repos.create('r')
  await varve.close()
})
afterEach(() => {
  rmSync(folder, { recursive: true, force: true })
  if (asked === undefined) delete process.env['VARVE_SANDBOX']
  else process.env['VARVE_SANDBOX'] = asked
})

const check = async (name: string) => (await examine(folder)).find((one) => one.name === name)

function write(file: string, sql: string): void {
  const database = new DatabaseSync(join(folder, '.varve', file))
  database.exec(sql)
  database.close()
}

test.each([
  ['index', 'index.sqlite', 'PRAGMA user_version = 9', /has version 9.*up to 1/],
  ['catalog', 'catalog.sqlite', 'UPDATE catalog SET format = 9', /of format 9.*up to 1/],
])(
  'the %s of a newer Varve is named, and what its hint says helps',
  async (name, file, sql, found) => {
    expect(await check(name)).toMatchObject({ state: 'ok' })
    write(file, sql)
    expect(await check(name)).toEqual({
      name,
      state: 'failed',
      found: expect.stringMatching(found) as string,
      hint: expect.stringContaining('varve reindex') as string,
    })
    await reindexStore(folder)
    expect(await check(name)).toMatchObject({ state: 'ok' })
  },
)

test('a bus of a newer Varve is named and left as it is', async () => {
  write('bus.sqlite', 'PRAGMA user_version = 9')
  const found = expect.stringMatching(/bus\.sqlite has format 9; this Varve knows 2/) as string
  expect(await check('bus')).toMatchObject({ state: 'failed', found })
  expect(await check('bus')).toMatchObject({ state: 'failed', found })
})

test('the sandbox that VARVE_SANDBOX asks for is the one that is tried', async () => {
  process.env['VARVE_SANDBOX'] = 'plain'
  expect(await check('sandbox')).toMatchObject({
    state: 'warning',
    found: 'plain: VARVE_SANDBOX asks for it',
    hint: expect.stringContaining('your files and the network') as string,
  })
  process.env['VARVE_SANDBOX'] = 'jail'
  expect(await check('sandbox')).toMatchObject({
    state: 'failed',
    found: expect.stringContaining('"jail"') as string,
    hint: expect.stringContaining('bwrap') as string,
  })
})

test('it says which control groups there are and whether they can be made', async () => {
  const { state, found } = (await check('cgroups')) ?? {}
  expect(`${state}: ${found}`).toMatch(
    /^(ok: version [12], writable|warning: (none|version [12], not writable by this user))$/,
  )
})
