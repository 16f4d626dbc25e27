import { expect, test } from 'vitest'
import { copy } from './copy.ts'
import { runOperator, textFile } from './operator.fixture.ts'

test('files keep their path, below the prefix when there is one', async () => {
  const files = [textFile('in', 'a/b.txt', 'hello')]
  expect(await runOperator(copy, files)).toEqual({ 'a/b.txt': 'hello' })
  expect(await runOperator(copy, files, { prefix: 'x/y' })).toEqual({ 'x/y/a/b.txt': 'hello' })
})

test('one file seen through two inputs is written once', async () => {
  const files = [textFile('left', 'a', '1'), textFile('right', 'a', '1')]
  expect(await runOperator(copy, files)).toEqual({ a: '1' })
})

test('different files of one path are refused by name', async () => {
  const files = [textFile('left', 'a', '1'), textFile('right', 'a', '2')]
  await expect(runOperator(copy, files)).rejects.toMatchObject({
    code: 'PATH_CONFLICT',
    data: { path: 'a' },
  })
})

test.each(['/a', 'a/', 'a//b'])('the prefix %s is refused', async (prefix) => {
  await expect(runOperator(copy, [], { prefix })).rejects.toMatchObject({ code: 'PARAMS_INVALID' })
})
