import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { CliRig } from './cli.fixture.ts'

const rig = new CliRig()
let root = ''

beforeAll(async () => {
  await rig.must(['init'])
  await rig.must(['create', 'repo', 'images'])
  await rig.must(['put', 'file', 'images@master:cat.jpg'], { input: 'a cat' })
  const at = (name: string): string => join(rig.folder, name)
  const proof = await rig.must(['inspect', 'file', 'images@master:/cat.jpg', '--proof'])
  root = (JSON.parse(proof) as { root: string }).root
  writeFileSync(at('cat.proof.json'), proof)
  writeFileSync(at('forged.proof.json'), proof.replace('cat.jpg', 'dog.jpg'))
  writeFileSync(at('cat.jpg'), 'a cat')
  writeFileSync(at('dog.jpg'), 'a dog')
}, 120_000)

afterAll(() => rig.dispose())

const verify = (...words: readonly string[]) => rig.call(['verify', ...words])
const other = '0'.repeat(64)

test('a proof holds for its own root and a true copy of the file', async () => {
  const ended = await verify('cat.proof.json', '--root', root, '--data', 'cat.jpg')
  expect(ended).toMatchObject({ code: 0, stderr: '' })
  expect(ended.stdout).toMatch(/^Valid: the tree holds this file\./)
  expect(ended.stdout).toContain(root)
  expect((await verify('cat.proof.json')).stdout).toContain('compare it with one you trust')
})

test.each([
  ['another root', ['cat.proof.json', '--root', other], /of the root/],
  ['bytes of another file', ['cat.proof.json', '--data', 'dog.jpg'], /dog\.jpg has the digest/],
  ['a path that was changed', ['forged.proof.json'], /^Invalid/],
  ['what is no proof at all', ['cat.jpg'], /^Invalid/],
])('a proof does not hold against %s, and the exit code says so', async (_, words, reason) => {
  const ended = await verify(...words)
  expect(ended.stdout).toMatch(reason)
  expect(ended.code).toBe(1)
  const answer = JSON.parse((await verify(...words, '--json')).stdout) as { valid: boolean }
  expect(answer.valid).toBe(false)
})

test('a proof comes from stdin as well, and a file that is not there is an error of its own', async () => {
  const proof = readFileSync(join(rig.folder, 'cat.proof.json'))
  expect((await rig.call(['verify', '-', '--root', root], { input: proof })).code).toBe(0)
  expect(await verify('gone.json')).toMatchObject({ code: 7, stdout: '' })
  expect((await verify('cat.proof.json', '--data', 'gone.jpg')).stderr).toContain('gone.jpg')
  expect((await verify('cat.proof.json', '--root', 'abc')).stderr).toContain(
    '64 hexadecimal digits',
  )
})
