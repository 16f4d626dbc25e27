import { expect, test } from 'vitest'
import { VarveError } from '../model/index.ts'
import { errorBlock, errorReport } from './error-report.ts'
import { plainStyle } from './style.ts'

function block(what: string, faults: readonly unknown[]): string {
  return errorBlock(errorReport(new VarveError('USAGE', { what, data: { faults } })), plainStyle)
}

test('a fault that the sentence tells is not told again', () => {
  const text = block('There is no option --alow.', ['There is no option --alow.'])
  expect(text.match(/--alow/g)).toHaveLength(1)
})

test('faults are printed as words, one a line', () => {
  const text = block('2 faults.', ['the first', { message: 'the second', file: 'a', line: 3 }])
  expect(text).toContain('\n  the first\n  a:3:1: the second\n')
})
