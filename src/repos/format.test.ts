import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { openSegmentStore } from '../segments/index.ts'
import { memoryObjects, MemoryFiles } from '../storage/index.ts'
import { openStore } from './store.ts'
import { text } from './store.fixture.ts'

const page = new URL('../../docs/format/commit-and-ref.md', import.meta.url)

test('the worked example of the format page is what is written', async () => {
  let seconds = 0
  let ids = 0
  const segments = await openSegmentStore({
    objects: memoryObjects(new MemoryFiles()),
    indexPath: ':memory:',
    mode: 'write',
  })
  const store = await openStore({
    segments,
    catalogFile: ':memory:',
    clock: { now: () => 1_790_000_000_000 + 1000 * seconds++ },
    random: {
      uuidHex: () => `00000000000040008${String(++ids).padStart(15, '0')}`,
      fraction: () => 0,
    },
  })
  const images = await store.repos.create('images', { description: 'photographs' })
  await store.repos.create('edges')
  await store.branches.set('edges@master', { inputs: [{ repo: images.repo, branch: 'master' }] })
  await store.files.put('images@master', [text('liberty.png', 'not a picture')], {
    message: 'first',
  })
  const written: string[] = []
  for await (const { bytes } of segments.records()) written.push(Buffer.from(bytes).toString())
  const example = /```json\n(.*?)```/s.exec(readFileSync(page, 'utf8'))?.[1]
  expect(written.join('')).toBe(example)
  await store.close()
  await segments.close()
})
