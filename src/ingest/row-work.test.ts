import { expect, test } from 'vitest'
import type { JsonValue } from '../model/index.ts'
import { openFetcher } from './fetch/index.ts'
import { imageBytes } from './fetch/hostile-server.fixture.ts'
import { openMedia } from './media.ts'
import { finishRow } from './row-work.ts'

/** How a picture ends whose row has this in its column of regions. */
async function endOf(faces: JsonValue) {
  const processor = await openMedia('image', { encodeFormat: 'png', encodeQuality: 1 })
  const fetcher = openFetcher()
  const bytes = imageBytes(7, 64)
  const row = { list: 'a', position: 0, url: 'http://host/a.png', columns: { faces } }
  const work = await finishRow(
    { fetcher, processor, regionColumn: 'faces' },
    { row, before: undefined, outcome: { kind: 'fetched', bytes, url: row.url, attempts: 1 } },
  )
  await Promise.all([processor.close(), fetcher.close()])
  return { ...work.end, digest: work.end.media?.digest }
}

test('regions may be JSON text, as in csv; without any nothing is blurred', async () => {
  const [plain, empty, listed, text] = [
    await endOf(null),
    await endOf(''),
    await endOf([[0.1, 0.1, 0.6, 0.6]]),
    await endOf('[[0.1, 0.1, 0.6, 0.6]]'),
  ]
  expect(plain.status).toBe('success')
  expect(empty.digest).toBe(plain.digest)
  expect(listed.digest).not.toBe(plain.digest)
  expect(text.digest).toBe(listed.digest)
})

test.each([['a word'], ['[0.1, 0.1]'], [5], [{ left: 1 }], [['0.1,0.1,0.5,0.5']], [[[0.1, 0.2]]]])(
  'a picture whose regions are %j fails: it does not come out unblurred',
  async (faces) => {
    expect(await endOf(faces)).toMatchObject({
      status: 'failed_to_resize',
      error: 'a region is not [x0, y0, x1, y1]',
    })
  },
)

test.each([
  ['{"a": 1}', 'x', 'body.json'],
  ['{"a": 1}', undefined, 'body.json'],
  ['plain words', 'x', 'body.txt'],
  ['plain words', null, 'body.txt'],
  ['plain words', undefined, 'txt'],
] as const)(
  '"%s" with the caption %s is a file of its own: .%s',
  async (text, caption, extension) => {
    const [processor, fetcher] = [await openMedia('any', {}), openFetcher()]
    const bytes = Buffer.from(text)
    const row = {
      list: 'a',
      position: 0,
      url: 'http://host/a',
      ...(caption !== undefined && { caption }),
    }
    const { end } = await finishRow(
      { fetcher, processor },
      { row, before: undefined, outcome: { kind: 'fetched', bytes, url: row.url, attempts: 1 } },
    )
    expect(end.media?.extension).toBe(extension)
    await fetcher.close()
  },
)
