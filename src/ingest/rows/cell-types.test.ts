import { describe, expect, test } from 'vitest'
import { CellTypeFinder, typedColumns, ValueTypeFinder } from './cell-types.ts'

function typed(cells: readonly string[]) {
  const finder = new CellTypeFinder()
  for (const c of cells) finder.see({ c })
  const types = finder.types()
  return { type: types['c'], values: cells.map((c) => typedColumns({ c }, types)['c']) }
}

// What pyarrow 26's read_csv makes of such columns.
describe('a column of csv cells', () => {
  test.each([
    [['1', '-2', '007', '00'], 'int', [1, -2, 7, 0]],
    [[' 1', '1\t', '0x1F'], 'int', [1, 1, 31]],
    [['0', '1'], 'int', [0, 1]],
    [['-5', '', 'NA', 'null', '-nan'], 'int', [-5, null, null, null, null]],
    [['1', '2.5', '.5', '1.', '1e5', '+1'], 'float', [1, 2.5, 0.5, 1, 100_000, 1]],
    [['nan', '1.5', 'inf', '-Infinity'], 'float', [null, 1.5, null, null]],
    [['true', 'FALSE', 'True', '0', ''], 'bool', [true, false, true, false, null]],
    [['', 'NaN', 'n/a'], 'null', [null, null, null]],
  ])('%j is %s', (cells, type, values) => {
    expect(typed(cells)).toEqual({ type, values })
  })

  test.each([
    [['1', 'x']],
    [['NA', 'x', '']],
    [['tRuE', 'false']],
    [['-1', 'true']],
    [['1.0', 'true']],
    [['1_000', '2']],
    [['1e', '-', '0x', '--1']],
    [['-0x1F', '2']],
    [['None', '1']],
    [['Null', '1']],
    [['2020-01-01', '2020-01-02']],
  ])('%j stays text, cell for cell', (cells) => {
    expect(typed(cells)).toEqual({ type: 'text', values: cells })
  })

  test('with one integer beyond 2^53 stays text: no digit is lost', () => {
    const cells = ['1', '9007199254740993']
    expect(typed(cells)).toEqual({ type: 'text', values: cells })
  })

  test('is what the whole list says, not its beginning', () => {
    const cells = [...Array.from({ length: 5000 }, (_, i) => String(i)), 'end']
    expect(typed(cells).type).toBe('text')
  })
})

test.each([
  [[1, 2, null], 'int'],
  [[0, 0.5, 1], 'float'],
  [[0.5, null, 2 ** 60], 'float'],
  [[true, null], 'bool'],
  [['1', '2'], 'text'],
  [[null, null], 'null'],
  [[1, '2'], undefined],
  [[true, 1], undefined],
  [[[1], [2]], undefined],
  [[1, { a: 1 }, 2], undefined],
])('a column of values %j is %s', (values, type) => {
  const finder = new ValueTypeFinder()
  for (const value of values) finder.see({ c: value })
  expect(finder.types()['c']).toBe(type)
})
