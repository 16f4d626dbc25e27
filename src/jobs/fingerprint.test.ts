import { expect, test } from 'vitest'
import { loadSpecReader, type PipelineSpec } from '../pipelines/index.ts'
import { changedParts, codeOf } from './fingerprint.ts'
import { shellSpec } from './jobs.fixture.ts'

const facts = { operatorVersion: () => 1 }

async function specOf(transform: object): Promise<PipelineSpec> {
  const { readPipelines } = await loadSpecReader()
  const raw = shellSpec('p', 'texts', ['true'])
  const text = JSON.stringify({ ...raw, transform: { ...raw.transform, ...transform } })
  const [spec] = readPipelines({ file: 'p.json', text }).specs
  if (spec === undefined) throw new Error('the spec of the test has faults')
  return spec
}

test('giving a command the network changes its code, and the part is named', async () => {
  const before = codeOf(await specOf({}), '', facts)
  const after = codeOf(await specOf({ network: true }), '', facts)
  expect(after.fingerprint).not.toBe(before.fingerprint)
  expect(changedParts(before, after)).toEqual(['network'])
})
