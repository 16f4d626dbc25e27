import fc from 'fast-check'
import { expect, test } from 'vitest'
import { formatCsvRecord, parseCsv } from './csv.ts'

test('what is written is read back', () => {
  const field = fc.oneof(fc.string(), fc.constantFrom('', ',', '"', '\n', '\r\n', 'a"b,c\nd'))
  // A record of one empty field is an empty line, which readers skip.
  const record = fc.array(field, { minLength: 2, maxLength: 5 })
  fc.assert(
    fc.property(fc.array(record), (records) => {
      const text = records.map(formatCsvRecord).join('')
      expect(parseCsv(text)).toEqual(records)
    }),
  )
})

test.each([
  [
    'a,b\r\n1,2\r\n',
    [
      ['a', 'b'],
      ['1', '2'],
    ],
  ],
  [
    '\ufeffa,b\n\n1,2',
    [
      ['a', 'b'],
      ['1', '2'],
    ],
  ],
  [
    'a,\n,b',
    [
      ['a', ''],
      ['', 'b'],
    ],
  ],
  ['a,', [['a', '']]],
  ['', []],
])('%j is read', (text, records) => {
  expect(parseCsv(text)).toEqual(records)
})

test.each(['a"b', '"a', '"a"b,c'])('%j has a quote out of place', (text) => {
  expect(() => parseCsv(text)).toThrow(/quote is out of place at character \d/)
})
