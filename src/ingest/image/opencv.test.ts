import { execFileSync } from 'node:child_process'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { blurRegions } from './blur-regions.ts'
import { jpegOf, openCvPython, photo, pngOf, samplesOf } from './image.fixture.ts'
import { checkImageOptions, resizeModes, type Interpolation } from './image-options.ts'
import { openImageProcessor } from './image-processor.ts'
import type { Pixels } from './pixels.ts'
import { resample } from './resample.ts'

/** Commands of the reference: resize, decode, a whole border 256 job, and img2dataset's blur. */
const reference = `
import cv2, json, sys
import numpy as np
names = dict(nearest=cv2.INTER_NEAREST, linear=cv2.INTER_LINEAR, cubic=cv2.INTER_CUBIC,
             area=cv2.INTER_AREA, lanczos4=cv2.INTER_LANCZOS4)
def blur(image, boxes):
    height, width = image.shape[:2]
    image = image.astype(np.float32) / 255.0
    mask = np.zeros_like(image)
    largest = 0
    for x0, y0, x1, y1 in boxes:
        box = [int(x0 * width), int(y0 * height), int(x1 * width), int(y1 * height)]
        side = max(box[2] - box[0], box[3] - box[1])
        largest = max(largest, side)
        low = [max(0, int(v - 0.1 * side)) for v in box[:2]]
        high = [int(v + 0.1 * side) for v in box[2:]]
        mask[low[1]:high[1], low[0]:high[0], :] = 1
    sigma = 0.1 * largest
    size = (int(2 * np.ceil(4 * sigma)) + 1,) * 2
    soft = cv2.GaussianBlur(mask, size, sigmaX=sigma)
    mixed = image * (1 - soft) + cv2.GaussianBlur(image, size, sigmaX=sigma) * soft
    return (mixed * 255.0).astype(np.uint8)
def border(image, size):
    height, width = image.shape[:2]
    scale = size / float(max(width, height))
    image = cv2.resize(image, (round(width * scale), round(height * scale)), interpolation=cv2.INTER_AREA)
    height, width = image.shape[:2]
    top, left = (size - height) // 2, (size - width) // 2
    return cv2.copyMakeBorder(image, top, size - height - top, left, size - width - left,
                              cv2.BORDER_CONSTANT, value=[255, 255, 255])
for case in json.load(sys.stdin):
    image = cv2.imread(case['file'], cv2.IMREAD_UNCHANGED)
    if case['do'] == 'resize':
        image = cv2.resize(image, (case['width'], case['height']), interpolation=names[case['by']])
    elif case['do'] == 'border':
        image = cv2.imdecode(cv2.imencode('.jpg', border(image, 256), [cv2.IMWRITE_JPEG_QUALITY, 95])[1],
                             cv2.IMREAD_UNCHANGED)
    elif case['do'] == 'blur':
        image = blur(image, case['boxes'])
    if image.ndim == 3:
        image = image[..., ::-1]
    open(case['file'] + '.out', 'wb').write(image.tobytes())
`

describe.skipIf(openCvPython === undefined)('beside OpenCV', () => {
  let folder = ''
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'varve-opencv-'))
  })
  afterAll(() => rm(folder, { recursive: true, force: true }))

  async function openCv(image: Uint8Array, task: object): Promise<Uint8Array> {
    const file = join(folder, 'image')
    await writeFile(file, image)
    const input = JSON.stringify([{ file, ...task }])
    execFileSync(openCvPython ?? '', ['-c', reference], { input })
    return readFile(`${file}.out`)
  }

  test.each([
    ['area', 256, 194],
    ['area', 120, 91],
    ['area', 311, 2],
    ['nearest', 256, 194],
    ['linear', 256, 194],
    ['linear', 311, 236],
    ['cubic', 256, 194],
    ['lanczos4', 256, 194],
    ['area', 900, 683],
    ['nearest', 900, 683],
    ['linear', 900, 683],
    ['cubic', 900, 683],
    ['lanczos4', 900, 683],
  ] as const)(
    '%s to %i x %i differs by 2 at most, by 0.5 in the mean',
    async (by, width, height) => {
      for (const channels of [1, 3] as const) {
        const source = photo(622, 472, channels)
        const theirs = await openCv(await pngOf(source), { do: 'resize', by, width, height })
        const interpolation: Interpolation = by
        const ours = resample(source, { width, height, interpolation })
        const { mean, worst } = difference(ours.data, theirs)
        expect(worst).toBeLessThanOrEqual(2)
        expect(mean).toBeLessThan(0.5)
      }
    },
    20_000,
  )

  test('a JPEG made border 256 has the same size, and pixels that differ by less than 1.5 in the mean', async () => {
    const source = await jpegOf(photo(700, 525))
    const theirs = await openCv(source, { do: 'border' })
    const processor = await openImageProcessor(checkImageOptions({}))
    const outcome = await processor.process(source)
    expect(outcome).toMatchObject({ kind: 'image', width: 256, height: 256, extension: 'jpg' })
    const ours = await samplesOf(outcome.kind === 'image' ? outcome.bytes : new Uint8Array())
    expect(theirs).toHaveLength(256 * 256 * 3)
    expect(difference(ours.data, theirs).mean).toBeLessThan(1.5)
  })

  test('regions are blurred as img2dataset does, to 2', async () => {
    const source = photo(160, 120)
    const boxes = [
      [0.1, 0.2, 0.3, 0.6],
      [0.7, 0.5, 1, 0.9],
    ] as const
    const theirs = await openCv(await pngOf(source), { do: 'blur', boxes })
    const { worst, mean } = difference(blurRegions(source, boxes).data, theirs)
    expect(worst).toBeLessThanOrEqual(2)
    expect(mean).toBeLessThan(0.6)
  })

  test('every mode makes the size it makes with OpenCV, however odd the image', async () => {
    const sizes: Pixels[] = [photo(61, 47), photo(300, 20), photo(31, 64, 1), photo(64, 64)]
    for (const resizeMode of resizeModes) {
      const processor = await openImageProcessor(checkImageOptions({ imageSize: 64, resizeMode }))
      for (const source of sizes) {
        const outcome = await processor.process(await pngOf(source))
        if (outcome.kind === 'failed') throw new Error(outcome.error)
        const { width, height } = await samplesOf(outcome.bytes)
        expect({ width, height }).toEqual({ width: outcome.width, height: outcome.height })
      }
    }
  })
})

function difference(ours: Uint8Array, theirs: Uint8Array): { mean: number; worst: number } {
  expect(ours).toHaveLength(theirs.length)
  let sum = 0
  let worst = 0
  for (let i = 0; i < ours.length; i += 1) {
    const apart = Math.abs(ours[i]! - theirs[i]!)
    sum += apart
    worst = Math.max(worst, apart)
  }
  return { mean: sum / ours.length, worst }
}
