import { afterAll, beforeAll, expect, test } from 'vitest'
import { CliRig, copyPipeline } from './cli.fixture.ts'

const rig = new CliRig()
let head = ''

beforeAll(async () => {
  await rig.must(['init'])
  await rig.must(['create', 'repo', 'images'])
  await rig.must(['create', 'repo', 'alone'])
  for (const repo of ['images', 'alone'])
    await rig.must(['put', 'file', `${repo}@master:a`], { input: 'a' })
  await rig.must(['create', 'pipeline', '-f', '-'], { input: copyPipeline('one', 'images') })
  await rig.must(['create', 'pipeline', '-f', '-'], { input: copyPipeline('two', 'one') })
  await rig.must(['run'])
  head = ((await rig.json(['inspect', 'commit', 'images@master'])) as { id: string }).id
})
afterAll(() => rig.dispose())

const refused: readonly (readonly [string, RegExp])[] = [
  ['delete repo images', /one@master is computed from it/],
  ['delete repo two', /two is the output of a pipeline[\s\S]*delete pipeline two/],
  ['delete branch images@master', /one@master is computed from it/],
  ['delete commit images@master', /were computed from it/],
  ['delete commit HEAD', /were computed from it/],
  ['squash commit HEAD', /computed from it/],
  ['squash commit HEAD -r', /no finished child/],
  ['delete pipeline one', /"one" is read by two/],
  ['delete project default', /still has/],
  ['delete tag images none', /no tag "none"/],
]

test.each(refused)('`%s --dry-run` is refused in the words of the command', async (line, says) => {
  const words = line.replace('HEAD', head).split(' ')
  const rehearsed = await rig.call([...words, '--dry-run'])
  expect(rehearsed.stderr).toMatch(says)
  expect(rehearsed.code).toBeGreaterThan(0)
  expect(await rig.call(words)).toEqual(rehearsed)
})

const allowed: readonly (readonly [string, RegExp])[] = [
  ['delete repo alone', /would delete repo default\/alone/],
  ['delete repo two -f', /would delete repo default\/two/],
  ['delete branch images@master -f', /would delete branch/],
  ['delete commit images@master -r', /default\/two[\s\S]*default\/images/],
  ['delete pipeline two', /would delete pipeline default\/two/],
  ['delete project default -f', /would delete repo default\/alone/],
]

test.each(allowed)('`%s --dry-run` says what would go, and nothing goes', async (line, says) => {
  const before = rig.storedBytes()
  const { code, stdout } = await rig.call([...line.split(' '), '--dry-run'])
  expect(code).toBe(0)
  expect(stdout).toMatch(says)
  expect(rig.storedBytes()).toEqual(before)
})

test('a pipeline goes with its output repo where that is forced', async () => {
  await rig.must(['delete', 'repo', 'two', '--force'])
  expect(await rig.json(['list', 'pipeline'])).toMatchObject([{ key: 'default/one' }])
})
