import { expect, test } from 'vitest'
import { runOperator, textFile } from '../operator.fixture.ts'
import { joinFeatures } from './join-features.ts'

test('the files of one image become one row with its fields in order of name', async () => {
  const files = [
    textFile('sob', 'a/x.json', '{"sobel":2}'),
    textFile('vol', 'a/x.json', '{"laplacian":1.5}'),
  ]
  expect(await runOperator(joinFeatures, files)).toEqual({
    'a/x.json': '{"image":"a/x","laplacian":1.5,"sobel":2}\n',
  })
})

test('several images in one datum stay apart', async () => {
  const files = [textFile('vol', 'x.json', '{"l":1}'), textFile('vol', 'y.json', '{"l":2}')]
  expect(Object.keys(await runOperator(joinFeatures, files))).toEqual(['x.json', 'y.json'])
})

test.each([
  ['not-json', '{"l":'],
  ['not-an-object', '[1]'],
  ['field-clash', '{"l":2}'],
])('a second file is refused as %s', async (reason, text) => {
  const files = [textFile('a', 'x.json', '{"l":1}'), textFile('b', 'x.json', text)]
  await expect(runOperator(joinFeatures, files)).rejects.toMatchObject({
    code: 'INPUT_REFUSED',
    data: { input: 'b', path: 'x.json', reason },
  })
})
