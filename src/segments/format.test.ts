import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { digestOf } from '../model/index.ts'
import { MemoryFiles, memoryObjects } from '../storage/index.ts'
import { SegmentScanner } from './segment-scanner.ts'
import { openOver } from './store.fixture.ts'

/** Every header and payload of a segment, as docs/format/segment.md prints them. */
async function printed(files: MemoryFiles, key: string): Promise<string[]> {
  const objects = memoryObjects(files)
  const size = (await objects.size(key)) ?? 0
  const scanner = new SegmentScanner(objects, key, { from: 0, to: size, checkFrom: 0 })
  const lines = [key]
  for (let batch = await scanner.next(); batch; batch = await scanner.next()) {
    for (const { start, offset, length, fileName } of batch) {
      const payload = Buffer.from(await objects.read(key, offset, length)).toString()
      lines.push(`${start} header ${fileName}`, `${offset} payload ${payload}`)
    }
  }
  return [...lines, `${size} end of the file`]
}

function workedExample(): string[] {
  const page = readFileSync(new URL('../../docs/format/segment.md', import.meta.url), 'utf8')
  const [, example = ''] = page.split('## Worked example')
  const [, block = ''] = example.split('```')
  return block
    .trim()
    .split('\n')
    .map((line) => line.trim().replaceAll(/ +/g, ' '))
}

test('the worked example of docs/format/segment.md is what is written', async () => {
  const files = new MemoryFiles()
  const store = await openOver(files)
  await store.addItems('photos', [{ bytes: Buffer.from('light'), extension: 'txt' }])
  await store.appendRecords([Buffer.from('{}')])
  await store.close()
  const lines = [
    ...(await printed(files, 'segments/photos/000001.tar')),
    ...(await printed(files, 'segments/meta/000001.tar')),
  ]
  expect(lines).toEqual(workedExample())
  const block = files.files.get('/segments/photos/000001.tar')?.content().subarray(0, 512)
  const digest = digestOf('light')
  expect(block?.toString('latin1', 157, 157 + 64)).toBe(digest)
  expect(block?.toString('latin1', 124, 136)).toBe('00000000005\0')
})
