import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { initProject, openVarve, verifyProof, type FileProof, type Varve } from './index.ts'

const folder = mkdtempSync(join(tmpdir(), 'varve-proof-'))
let varve: Varve
let proof: FileProof

beforeAll(async () => {
  await initProject({ directory: folder })
  varve = await openVarve({ dir: folder })
  await varve.repos.create('data')
  await varve.repo('data').commit(async (tx) => {
    for (let i = 0; i < 2000; i += 1) await tx.put(`d/${i}.txt`, `content ${i}`)
  })
  proof = await varve.files.prove('data@master', 'd/1234.txt')
})

afterAll(async () => {
  await varve.close()
  rmSync(folder, { recursive: true, force: true })
})

test('a proof holds after a way through JSON, without the store', async () => {
  const received: unknown = JSON.parse(JSON.stringify(proof))
  expect(proof.nodes.length).toBeGreaterThan(1)
  expect(await verifyProof(received)).toEqual({
    valid: true,
    root: proof.root,
    path: 'd/1234.txt',
    digest: proof.digest,
  })
})

test.each([
  ['another path', { path: 'd/1235.txt' }],
  ['a path that is not there', { path: 'd/none.txt' }],
  ['another digest', { digest: '0'.repeat(64) }],
  ['another size', { size: 1 }],
  ['another mode', { executable: true }],
  ['another root', { root: '0'.repeat(64) }],
  ['a missing node', { nodes: [] }],
  ['no shape of a proof', { nodes: 'none' }],
])('does not hold with %s', async (_what, change) => {
  expect(await verifyProof({ ...proof, ...change })).toMatchObject({ valid: false })
})

test('does not hold when any byte of any node is flipped', async () => {
  for (const [place, text] of proof.nodes.entries()) {
    const bytes = Buffer.from(text, 'base64')
    for (let at = 0; at < bytes.length; at += 97) {
      const flipped = Buffer.from(bytes)
      flipped[at] = (flipped[at] ?? 0) ^ 1
      const nodes = proof.nodes.with(place, flipped.toString('base64'))
      expect(await verifyProof({ ...proof, nodes })).toMatchObject({ valid: false })
    }
  }
})

test('is refused for folders and for what is not there', async () => {
  await expect(varve.files.prove('data@master', 'd')).rejects.toMatchObject({
    code: 'FILE_NOT_FOUND',
  })
  await expect(varve.files.prove('data@master', 'x')).rejects.toMatchObject({
    code: 'FILE_NOT_FOUND',
  })
})
