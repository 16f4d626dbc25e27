import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { NewStored } from '../topic-log.ts'
import { decodeBatch, encodeBatch } from './batch-codec.ts'

const text = fc.string({ unit: 'binary', maxLength: 8 })
const fact = fc.record(
  {
    specversion: fc.constant('1.0' as const),
    id: text,
    source: fc.constantFrom('/a', '/b'),
    type: fc.constantFrom('x.made', 'y.made'),
    time: fc.constantFrom('2026-01-01T00:00:00.000Z', '2026-01-01T00:00:00.001Z'),
    subject: text,
    datacontenttype: fc.constant('application/json' as const),
    data: fc.dictionary(text, fc.jsonValue()),
  },
  { requiredKeys: ['specversion', 'id', 'source', 'type', 'time', 'datacontenttype', 'data'] },
)
const message: fc.Arbitrary<NewStored> = fc.record(
  { key: text, fact, attempts: fc.nat(), onlyFor: text },
  { requiredKeys: ['fact'] },
)

test('what is stored is read as it was', () => {
  fc.assert(
    fc.property(fc.array(message, { maxLength: 6 }), (messages) => {
      const stored = messages.map((one, i) => ({ ...one, partition: 3, offset: 11 + i }))
      const asJson = JSON.parse(JSON.stringify(stored)) as unknown
      expect(decodeBatch(encodeBatch(messages), 3, 11)).toEqual(asJson)
    }),
  )
})

test('what messages share is stored once', () => {
  const header = { source: '/store', type: 'commit.finished', time: '2026-01-01T00:00:00.000Z' }
  const whole = { specversion: '1.0', datacontenttype: 'application/json', data: {} } as const
  const messages = ['1', '2'].map((id) => ({ key: 'k', fact: { ...whole, ...header, id } }))
  expect(encodeBatch(messages)).toBe(JSON.stringify([header, ['1', {}, 'k'], ['2', {}, 'k']]))
})
