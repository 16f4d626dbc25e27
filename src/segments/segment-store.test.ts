import { expect, test } from 'vitest'
import { digestOf } from '../model/index.ts'
import { MemoryFiles, memoryObjects } from '../storage/index.ts'
import { openSegmentStore } from './index.ts'

function open(files: MemoryFiles, mode: 'read' | 'write' = 'write') {
  return openSegmentStore({ objects: memoryObjects(files), indexPath: ':memory:', mode })
}

test('items added are read back at once, and after reopening once they were synced', async () => {
  const files = new MemoryFiles()
  const store = await open(files)
  const [stored] = await store.addItems('photos', [
    { bytes: Buffer.from('light'), extension: 'txt' },
  ])
  expect(stored).toEqual({ digest: digestOf('light'), size: 5 })
  expect(await store.read([digestOf('light')])).toEqual([Buffer.from('light')])
  await store.sync()
  await store.close()
  const again = await open(files)
  expect(await again.read([digestOf('light')])).toEqual([Buffer.from('light')])
})

test('records come back in the order they were appended, with what was applied beside them', async () => {
  const files = new MemoryFiles()
  const store = await open(files)
  const seen: number[] = []
  await store.appendRecords([Buffer.from('one'), Buffer.from('two')], (_, at) =>
    seen.push(at.sequence),
  )
  await store.appendRecords([Buffer.from('three')], (_, at) => seen.push(at.sequence))
  expect(seen).toEqual([2, 3])
  await store.close()
  const again = await open(files)
  const texts: string[] = []
  for await (const { bytes } of again.records({ sequence: 1 }))
    texts.push(Buffer.from(bytes).toString())
  expect(texts).toEqual(['two', 'three'])
})
