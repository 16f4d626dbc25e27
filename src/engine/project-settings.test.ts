import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { openVarve, type Varve } from './index.ts'

let folder = ''
let varve: Varve

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'varve-settings-'))
  writeProject()
  varve = await openVarve({ dir: folder })
})

afterEach(async () => {
  await varve.close()
  rmSync(folder, { recursive: true, force: true })
})

function writeProject(...lines: string[]): void {
  writeFileSync(join(folder, 'varve.yaml'), lines.join('\n'))
}

const timed = `
  - pipeline: { name: timed }
    input: { pfs: { repo: raw, glob: "/*" } }
    transform:
      cmd: [sh]
      stdin: ['out=/pfs/out/$(basename "$raw")', 'date +%s%N >$out', 'sleep 0.2', 'date +%s%N >>$out']`

test('settings.workers says how many datums of commands run at a time', async () => {
  writeProject('repos: [raw]', 'settings: { workers: 1 }', `pipelines:${timed}`)
  await varve.apply()
  await varve.repo('raw').commit(async (tx) => {
    for (const path of ['a', 'b', 'c', 'd']) await tx.put(path, path)
  })
  for await (const _ of varve.run()) continue
  const spans: bigint[][] = []
  for (const path of ['a', 'b', 'c', 'd']) {
    const text = Buffer.from(await varve.files.read('timed@master', path)).toString()
    spans.push(text.trim().split('\n').map(BigInt))
  }
  const inOrder = spans.sort(([a = 0n], [b = 0n]) => (a < b ? -1 : 1))
  for (const [place, [begun = 0n]] of inOrder.slice(1).entries()) {
    expect(begun).toBeGreaterThanOrEqual(inOrder[place]?.[1] ?? 0n)
  }
})

test('a pipeline that stands in the project file and in a spec file is refused', async () => {
  writeProject('repos: [raw]', `pipelines:${timed}`, '  - file: more.yaml')
  writeFileSync(
    join(folder, 'more.yaml'),
    'pipeline: { name: timed }\ninput: { pfs: { repo: raw, glob: / } }\ntransform: { operator: copy }',
  )
  await expect(varve.apply()).rejects.toMatchObject({
    code: 'SPEC_INVALID',
    message: expect.stringContaining('the pipeline "timed" is given twice') as string,
  })
})
