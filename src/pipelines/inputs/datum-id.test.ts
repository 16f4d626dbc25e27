import { describe, expect, test } from 'vitest'
import { digestOf } from '../../model/index.ts'
import { datumCacheKey, datumContent, datumId } from './datum-id.ts'

const plain = {
  name: 'in',
  project: 'default',
  repo: 'r',
  branch: 'master',
  path: 'a',
  joinOn: '',
  groupBy: '',
  digest: digestOf('bytes'),
  executable: undefined,
  emptyFiles: false,
  reference: false,
}
const executable = { ...plain, executable: true } as const
const id = datumId([plain])
const code = digestOf('code')

test('names, contents and cache keys of plain files stay what stores hold', () => {
  expect(id).toBe('5126824fb87f73e8a7db0832ce79b5b9de26d4b97a852f58969b48b9f6da0130')
  expect(datumContent(id, [plain])).toBe(
    '99cfc5aad12ce80306f28b08bdb83497c89d40e81a50ab1959cd11b5d0e4bea5',
  )
  expect(datumCacheKey(code, [plain])).toBe(
    '5e2fafea52db6c44db04290eabe38a944422920cb180f5613148628a0c49d9e5',
  )
})

describe('the executable bit', () => {
  test('is content and takes part in the cache key, and names no other datum', () => {
    expect(datumId([executable])).toBe(id)
    expect(datumContent(id, [executable])).not.toBe(datumContent(id, [plain]))
    expect(datumCacheKey(code, [executable])).not.toBe(datumCacheKey(code, [plain]))
  })

  test('of a reference input makes no datum run, but no result is borrowed across it', () => {
    const [before, after] = [plain, executable].map((input) => ({ ...input, reference: true }))
    if (before === undefined || after === undefined) throw new Error('two inputs')
    expect(datumContent(id, [after])).toBe(datumContent(id, [before]))
    expect(datumCacheKey(code, [after])).not.toBe(datumCacheKey(code, [before]))
  })
})
