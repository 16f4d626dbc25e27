import { expect, test } from 'vitest'
import { withLastWords } from './outcome-text.ts'

const told = (text: string): string => withLastWords('it failed', { text, omittedBytes: 0 })

test('a fault ends with the last line the command wrote, if it wrote any', () => {
  expect(told('Traceback\nModuleNotFoundError: no cv2\n\n')).toBe(
    'it failed: ModuleNotFoundError: no cv2',
  )
  expect(told(' \n')).toBe('it failed')
})

test('of a line that was drawn over only the last state is told, without colours', () => {
  expect(told('10 %\r90 %\r\u001B[31mkilled\u001B[0m')).toBe('it failed: killed')
})

test('a long line is cut', () => {
  expect(told('x'.repeat(10_000))).toBe(`it failed: ${'x'.repeat(200)}…`)
})
