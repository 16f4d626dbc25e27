import { expect, test } from 'vitest'
import { runOperator, textFile } from '../operator.fixture.ts'
import type { OperatorFile } from '../operator.ts'
import { parseCsv } from '../table/csv.ts'
import { gaussianNaiveBayes } from './classify-images.ts'

const rows = [1, 2, 3, 11, 12, 13, 4, 14].map((x, at) =>
  textFile('features', `p/i${at}.json`, `{"image":"p/i${at}","x":${x},"y":1}`),
)
const labels = textFile(
  'labels',
  'labels.csv',
  `image,label,split\n${['a', 'a', 'a', 'b', 'b', 'b']
    .map((label, at) => `p/i${at}.jpg,${label},train`)
    .join('\n')}\np/i6.jpg,b,held-out\n`,
)

test('every image gets a label, a probability per label, and what a person said of it', async () => {
  const outputs = await runOperator(gaussianNaiveBayes, [...rows, labels])
  const seventh = JSON.parse(outputs['predictions/p/i6.json'] ?? '') as Record<string, unknown>
  expect(seventh).toMatchObject({ image: 'p/i6', label: 'a', expected: 'b', split: 'held-out' })
  const eighth = JSON.parse(outputs['predictions/p/i7.json'] ?? '') as Record<string, unknown>
  expect(eighth).toMatchObject({ label: 'b', features: { x: 14, y: 1 } })
  expect(eighth).not.toHaveProperty('expected')
})

test('the CSV has one record per image in the order of the rows', async () => {
  const outputs = await runOperator(gaussianNaiveBayes, [...rows, labels])
  const [header, ...records] = parseCsv(outputs['predictions.csv'] ?? '')
  expect(header).toEqual(['image', 'label', 'p_a', 'p_b', 'x', 'y', 'expected', 'split'])
  expect(records.map(([image]) => image)).toEqual(rows.map((_, at) => `p/i${at}`))
})

test('the report counts held-out images apart from those it learnt from', async () => {
  const outputs = await runOperator(gaussianNaiveBayes, [...rows, labels])
  expect(JSON.parse(outputs['report.json'] ?? '')).toMatchObject({
    images: 8,
    held_out: { correct: 0, total: 1, accuracy: 0 },
    train: { correct: 6, total: 6, accuracy: 1 },
    confusion: { a: { a: 0, b: 0 }, b: { a: 1, b: 0 } },
    wrong: ['p/i6'],
  })
})

test('the contact sheet groups by label, marks wrong and held-out images and escapes names', async () => {
  const odd = textFile('features', 'p/<b>&.json', '{"x":12,"y":1}')
  const outputs = await runOperator(gaussianNaiveBayes, [...rows, odd, labels], { title: 'A & B' })
  const sheet = outputs['contact-sheet.html'] ?? ''
  expect(sheet).toContain('<h1>A &#38; B</h1>')
  expect(sheet).toContain('p/&#60;b&#62;&#38;')
  expect(sheet).not.toContain('<b>')
  expect(sheet.match(/figure class="[^"]*"/g)).toHaveLength(9)
  expect(sheet.match(/figure class="card held-out wrong"/g)).toHaveLength(1)
  expect(sheet).toContain('✗ labelled b')
})

test('a limited sheet says how many it shows and keeps the wrong ones', async () => {
  const outputs = await runOperator(gaussianNaiveBayes, [...rows, labels], { sheet_limit: 1 })
  const sheet = outputs['contact-sheet.html'] ?? ''
  expect(sheet.match(/figure class="[^"]*"/g)).toEqual([
    'figure class="card held-out wrong"',
    'figure class="card"',
  ])
  expect(sheet).toContain('the first 1 shown')
})

test.each([
  ['no-rows', [labels]],
  ['no-labels', rows],
  ['missing-feature', [...rows, textFile('features', 'q.json', '{"x":1}'), labels]],
  ['missing-column', [...rows, textFile('labels', 'labels.csv', 'picture,label\n')]],
  ['unknown-split', [...rows, textFile('labels', 'l.csv', 'image,label,split\ni,a,test\n')]],
  ['duplicate', [...rows, textFile('labels', 'l.csv', 'image,label\ni.jpg,a\ni.png,b\n')]],
])('%s is refused by name', async (reason, files: OperatorFile[]) => {
  const run = runOperator(gaussianNaiveBayes, files)
  await expect(run).rejects.toMatchObject({ code: 'INPUT_REFUSED', data: { reason } })
})

test('equal inputs give equal bytes', async () => {
  const run = (): Promise<Record<string, string>> =>
    runOperator(gaussianNaiveBayes, [...rows, labels])
  expect(await run()).toEqual(await run())
})
