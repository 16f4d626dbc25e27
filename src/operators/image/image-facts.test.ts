import { digestOf } from '../../model/index.ts'
import { expect, test } from 'vitest'
import { runOperator, textFile } from '../operator.fixture.ts'
import { parseParams } from '../params.ts'
import { loadSharp } from './decode.ts'
import { imageFacts } from './image-facts.ts'
import { encodePng } from './image.fixture.ts'

const pixels = Uint8Array.from({ length: 600 * 300 }, (_, at) => at % 251)
const png = await encodePng({ width: 600, height: 300, channels: 1 }, pixels)
const image = { input: 'images', path: 'a/x.png', bytes: png }

test('an image gets its facts and a thumbnail; what lies beside it is left alone', async () => {
  const files = [image, textFile('images', 'a/x.json', '{}'), textFile('images', 'a/x.txt', 'hi')]
  const outputs = await imageFacts.run(files, parseParams(imageFacts, { thumbnail: 100 }))
  expect(outputs.map(({ path }) => path)).toEqual(['a/x.json', 'a/x.thumb.jpg'])
  expect(JSON.parse(Buffer.from(outputs[0]?.bytes ?? []).toString())).toEqual({
    format: 'png',
    width: 600,
    height: 300,
    bytes: png.length,
    sha256: digestOf(png),
    orientation: 1,
  })
  const sharp = await loadSharp()
  expect(await sharp(outputs[1]?.bytes).metadata()).toMatchObject({ width: 100, height: 50 })
})

test('without a thumbnail there are facts alone', async () => {
  expect(Object.keys(await runOperator(imageFacts, [image], { thumbnail: 0 }))).toEqual([
    'a/x.json',
  ])
})

test('what is no image is refused by name', async () => {
  const page = textFile('images', 'a/y.jpg', '<html>')
  await expect(runOperator(imageFacts, [page])).rejects.toMatchObject({
    code: 'INPUT_REFUSED',
    data: { path: 'a/y.jpg', reason: 'damaged' },
  })
})
