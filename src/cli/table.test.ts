import { expect, test } from 'vitest'
import { colourStyle, displayWidth, plainStyle } from './style.ts'
import { fields, table } from './table.ts'

test('columns are as wide as their widest cell, also with wide characters and colours', () => {
  const rows = [
    { name: '写真', size: '1B' },
    { name: colourStyle('red', 'abc'), size: '100B' },
  ]
  const text = table(
    rows,
    [
      { title: 'NAME', value: (row) => row.name },
      { title: 'SIZE', value: (row) => row.size, align: 'right' },
    ],
    plainStyle,
  )
  const widths = text.trimEnd().split('\n').map(displayWidth)
  expect(new Set(widths)).toEqual(new Set([10]))
})

test('a line break in a cell does not break the table', () => {
  const text = table(['a\nb'], [{ title: 'X', value: (row) => row }], plainStyle)
  expect(text).toBe('X\na b\n')
})

test('fields that are not given are not shown, and further lines line up', () => {
  const lines = [
    ['Name', 'x'],
    ['Gone', undefined],
    ['Inputs', 'a\nb'],
  ] as const
  expect(fields(lines, plainStyle)).toBe('Name:   x\nInputs: a\n        b\n')
})
