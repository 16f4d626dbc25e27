import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { initProject } from './init.ts'
import { openVarve } from './open.ts'
import type { LogQuery } from './values.ts'
import type { Varve } from './varve.ts'

let folder: string
let varve: Varve

const spec = {
  pipeline: { name: 'p' },
  input: { pfs: { repo: 'texts', glob: '/*' } },
  transform: { cmd: ['sh'], stdin: ['cat /pfs/texts/*'] },
}

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'varve-logs-'))
  await initProject({ directory: folder })
  varve = await openVarve({ dir: folder })
  await varve.repos.create('texts')
  await put('a', 'one\ntwo\nthree\n')
  const source = { file: 'p.json', text: JSON.stringify(spec) }
  await varve.pipelines.change([source], { mode: 'create' })
  await run()
})

afterEach(async () => {
  await varve.close()
  rmSync(folder, { recursive: true, force: true })
})

const put = (path: string, text: string): Promise<unknown> =>
  varve.repo('texts').commit((tx) => tx.put(path, text))

async function run(): Promise<void> {
  for await (const _ of varve.run());
}

/** The texts of so many lines, with what is to happen after the first few. */
async function follow(query: LogQuery, count: number, after: () => Promise<unknown>) {
  const texts: string[] = []
  let happening: Promise<unknown> | undefined
  for await (const { text } of varve.logs({ ...query, follow: true })) {
    texts.push(text)
    if (text === 'three') happening = after()
    if (texts.length === count) break
  }
  await happening
  return texts
}

test('following the last lines goes on with what is printed from then on, each line once', async () => {
  const texts = await follow({ pipeline: 'p', tail: 2 }, 4, async () => {
    await put('b', 'four\n')
    await run()
    await put('c', 'five\n')
    await run()
  })
  expect(texts).toEqual(['two', 'three', 'four', 'five'])
})

test('following one job ends with it', async () => {
  const [job] = varve.jobs.list()
  const texts = await follow({ job: `p@${job?.id}` }, 9, async () => undefined)
  expect(texts).toEqual(['one', 'two', 'three'])
})
