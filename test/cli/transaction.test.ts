import { afterAll, beforeAll, expect, test } from 'vitest'
import { CliRig } from './cli.fixture.ts'

const rig = new CliRig()

beforeAll(async () => {
  await rig.must(['init'])
  await rig.must(['create', 'repo', 'a'])
  await rig.must(['put', 'file', 'a@master:x'], { input: 'x' })
  await rig.must(['put', 'file', 'a@master:old'], { input: 'old' })
}, 120_000)

afterAll(() => rig.dispose())

test('copies, deletions, tags and descriptions wait for the end of a transaction and happen together', async () => {
  await rig.must(['start', 'transaction'])
  for (const words of [
    ['update', 'repo', 'a', '-d', 'texts'],
    ['create', 'repo', 'b'],
    ['copy', 'file', 'a@master:x', 'b@master:y'],
    ['delete', 'file', 'a@master:old'],
    ['create', 'tag', 'v1', 'a@master'],
  ]) {
    const { code, stderr } = await rig.call(words)
    expect({ words, code }).toEqual({ words, code: 0 })
    expect(stderr).toContain('Added to transaction')
  }
  expect((await rig.call(['inspect', 'repo', 'b'])).code).toBe(3)
  expect(await rig.must(['get', 'file', 'a@master:old'])).toBe('old')
  await rig.must(['finish', 'transaction'])
  expect(await rig.must(['get', 'file', 'b@master:y'])).toBe('x')
  expect((await rig.call(['get', 'file', 'a@master:old'])).code).toBe(3)
  expect((await rig.call(['get', 'file', 'a@v1:old'])).code).toBe(3)
  expect(await rig.must(['inspect', 'repo', 'a'])).toContain('texts')
  const [a, b] = ['a', 'b'].map((repo) => rig.json(['inspect', 'commit', `${repo}@master`]))
  expect(((await a) as { id: string }).id).toBe(((await b) as { id: string }).id)
})

test('what cannot join a transaction is refused and says how to go on', async () => {
  await rig.must(['start', 'transaction'])
  const before = rig.storedBytes()
  for (const words of [
    ['put', 'file', 'a@master:z'],
    ['merge', 'a@other', '--into', 'master'],
    ['delete', 'tag', 'a', 'v1'],
    ['tag', 'a', 'v1', '--delete'],
    ['create', 'pipeline', '-f', '-'],
  ]) {
    const { code, stderr } = await rig.call(words, {
      input:
        'pipeline: { name: p }\ninput: { pfs: { repo: a, glob: / } }\ntransform: { operator: copy }',
    })
    expect(stderr).toContain('cannot join it')
    expect(stderr).toContain(
      'next: Run `varve finish transaction` first, or `varve stop transaction`',
    )
    expect(code).toBe(2)
  }
  expect(rig.storedBytes()).toEqual(before)
  await rig.must(['stop', 'transaction'])
  await rig.must(['put', 'file', 'a@master:z'], { input: 'z' })
})

test('finishing or deleting another transaction leaves the open one open', async () => {
  for (const _ of [1, 2]) {
    await rig.must(['start', 'transaction'])
    await rig.must(['stop', 'transaction'])
  }
  await rig.must(['start', 'transaction'])
  const all = (await rig.json(['list', 'transaction'])) as { id: string }[]
  const { stdout } = await rig.call(['inspect', 'transaction', '--json'])
  const open = (JSON.parse(stdout) as { id: string }).id
  const [first, second] = all.map(({ id }) => id).filter((id) => id !== open)
  await rig.must(['finish', 'transaction', first ?? ''])
  await rig.must(['delete', 'transaction', second ?? ''])
  expect(await rig.must(['inspect', 'transaction', '--json'])).toContain(open)
  const missing = await rig.call(['delete', 'transaction', 'f'.repeat(32), '--dry-run'])
  expect(missing.code).not.toBe(0)
})
