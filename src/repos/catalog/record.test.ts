import { expect, test } from 'vitest'
import { decodeRecord, encodeRecord } from './record.ts'

test('a record reads back as it was written', () => {
  const record = { at: 1_700_000_000_000, ops: [{ op: 'project.delete', name: 'günther' }] }
  expect(decodeRecord(encodeRecord(record))).toEqual(record)
})

test('a record of a later format says so, one that is none is damage', () => {
  const decode = (text: string) => () => decodeRecord(Buffer.from(text))
  expect(decode('{"v":2,"at":1,"ops":[]}')).toThrow(
    expect.objectContaining({ code: 'FORMAT_TOO_NEW' }),
  )
  for (const broken of ['', '{"v":1', 'null', '{"v":1,"at":1}', '{"at":1,"ops":[]}']) {
    expect(decode(broken)).toThrow(expect.objectContaining({ code: 'STORE_DAMAGED' }))
  }
})
