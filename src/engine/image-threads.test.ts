import { afterAll, beforeAll, expect, test } from 'vitest'
import { jpegOf, photo } from '../ingest/image/image.fixture.ts'
import { checkImageOptions, openImageProcessor } from '../ingest/image/index.ts'
import type { MediaProcessor } from '../ingest/index.ts'
import { imageThreads, openImageThreads } from './image-threads.ts'

const options = { imageSize: 400, resizeMode: 'keep_ratio', resizeOnlyIfBigger: true } as const

let threads: MediaProcessor
beforeAll(async () => {
  threads = await openImageThreads({ ...options, skipReencode: true }, 2)
})
afterAll(() => threads.close())

test('threads make of an image what the main thread does, many at once', async () => {
  const checked = checkImageOptions({ ...options, skipReencode: true })
  const here = await openImageProcessor(checked)
  const images = await Promise.all(
    [500, 640, 900, 300].map((width, at) => jpegOf(photo(width, 600, 3, at + 1))),
  )
  const made = await Promise.all(images.map((bytes) => threads.process(bytes, { url: 'u' })))
  for (const [at, bytes] of images.entries()) {
    const { bytes: wanted, ...facts } = (await here.process(bytes)) as { bytes: Uint8Array }
    const { bytes: found, ...made2 } = made[at] as unknown as { bytes: Uint8Array }
    expect(Buffer.compare(found, wanted)).toBe(0)
    expect(made2).toMatchObject(facts)
  }
})

test('bytes that need no change are the very ones that came, and a broken image is a failure', async () => {
  const small = await jpegOf(photo(200, 100))
  const kept = await threads.process(small, { url: 'u' })
  expect(kept).toMatchObject({ kind: 'image', facts: { width: 200 } })
  expect((kept as { bytes: Uint8Array }).bytes).toBe(small)
  const broken = await threads.process(Buffer.from('no image'), { url: 'u' })
  expect(broken).toEqual({ kind: 'failed', error: 'Image decoding error' })
})

test('an image in shared memory is made as any other, and comes back as itself if nothing changed', async () => {
  const share = (bytes: Uint8Array): Buffer => {
    const view = Buffer.from(new SharedArrayBuffer(bytes.length))
    view.set(bytes)
    return view
  }
  const [small, large] = [await jpegOf(photo(200, 100)), await jpegOf(photo(900, 600, 3, 2))]
  const kept = share(small)
  const found = (await threads.process(kept, { url: 'u' })) as { bytes: Uint8Array }
  expect(found.bytes).toBe(kept)
  const [made, wanted] = await Promise.all(
    [share(large), large].map((bytes) => threads.process(bytes, { url: 'u' })),
  )
  expect(made).toMatchObject({ kind: 'image' })
  expect(made).toEqual(wanted)
})

test('a machine of few cores makes images on the thread it has', () => {
  expect([1, 2, 3, 4, 16].map((cores) => imageThreads(cores))).toEqual([0, 0, 0, 3, 15])
})
