import { expect, test } from 'vitest'
import { crashStates, RecordingFiles } from './testing.ts'

function recorded(): RecordingFiles {
  const files = new RecordingFiles()
  files.makeDirectory('/d')
  files.syncDirectory('/')
  const fd = files.open('/d/f', 'create')
  files.syncDirectory('/d')
  files.write(fd, Buffer.alloc(2048, 'a'), 0)
  files.fsync(fd)
  files.mark('a is safe')
  files.write(fd, Buffer.alloc(2048, 'b'), 2048)
  return files
}

test('what was synced is there in every state after it, and the rest is uncertain', () => {
  const contents = new Set<string>()
  for (const { marks, files } of crashStates(recorded().log, { seed: 1, limit: 2000 })) {
    const content = files.files.get('/d/f')?.content().toString('latin1')
    if (marks.includes('a is safe')) expect(content?.slice(0, 2048)).toBe('a'.repeat(2048))
    contents.add(content ?? 'absent')
  }
  expect(contents.has('absent')).toBe(true)
  expect(contents.has('a'.repeat(2048))).toBe(true)
  expect(contents.has('a'.repeat(2048) + 'b'.repeat(2048))).toBe(true)
  expect(contents.has('a'.repeat(2048) + '\0'.repeat(2048))).toBe(true)
  expect(contents.has('a'.repeat(2048) + 'b'.repeat(512))).toBe(true)
  expect(contents.size).toBeGreaterThan(15)
})

test('a name that was not synced may be lost with its directory entry', () => {
  const files = new RecordingFiles()
  const fd = files.open('/f', 'create')
  files.write(fd, Buffer.from('x'), 0)
  files.fsync(fd)
  const states = [...crashStates(files.log, { seed: 1, limit: 100 })]
  const last = states.filter(({ at }) => at === files.log.length)
  expect(new Set(last.map(({ files }) => files.size('/f')))).toEqual(new Set([undefined, 1]))
})
