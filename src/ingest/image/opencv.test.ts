import { execFileSync } from 'node:child_process'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { blurRegions } from './blur-regions.ts'
import { jpegOf, openCvPython, photo, pngOf, samplesOf } from './image.fixture.ts'
import { checkImageOptions } from './image-options.ts'
import { openImageProcessor } from './image-processor.ts'
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

const resizes = [
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
] as const

const boxes = [
  [0.1, 0.2, 0.3, 0.6],
  [0.7, 0.5, 1, 0.9],
] as const

const colour = photo(622, 472)
const grey = photo(622, 472, 1)
const small = photo(160, 120)

describe.skipIf(openCvPython === undefined)('beside OpenCV', () => {
  let folder = ''
  let jpeg: Uint8Array = new Uint8Array()
  const theirs = (name: string): Promise<Uint8Array> => readFile(join(folder, `${name}.out`))

  // One Python for all cases: starting it is what takes time.
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'varve-opencv-'))
    jpeg = await jpegOf(photo(700, 525))
    const [colourPng, greyPng] = [await pngOf(colour), await pngOf(grey)]
    const cases: [string, Uint8Array, object][] = [
      ...resizes.flatMap(([by, width, height]): [string, Uint8Array, object][] => [
        [`${by}-${width}-colour`, colourPng, { do: 'resize', by, width, height }],
        [`${by}-${width}-grey`, greyPng, { do: 'resize', by, width, height }],
      ]),
      ['border', jpeg, { do: 'border' }],
      ['blur', await pngOf(small), { do: 'blur', boxes }],
    ]
    for (const [name, image] of cases) await writeFile(join(folder, name), image)
    const tasks = cases.map(([name, , task]) => ({ file: join(folder, name), ...task }))
    execFileSync(openCvPython ?? '', ['-c', reference], { input: JSON.stringify(tasks) })
  }, 60_000)
  afterAll(() => rm(folder, { recursive: true, force: true }))

  test.each(resizes)('%s to %i x %i differs by 2 at most, by 0.25 in the mean', async (...args) => {
    const [interpolation, width, height] = args
    for (const [kind, source] of [['colour', colour] as const, ['grey', grey] as const]) {
      const ours = resample(source, { width, height, interpolation })
      const expected = await theirs(`${interpolation}-${width}-${kind}`)
      const { mean, worst } = difference(ours.data, expected)
      expect(worst).toBeLessThanOrEqual(2)
      expect(mean).toBeLessThan(0.25)
    }
  })

  test('a JPEG made border 256 has the same size, and pixels within 0.8 in the mean', async () => {
    const processor = await openImageProcessor(checkImageOptions({}))
    const outcome = await processor.process(jpeg)
    expect(outcome).toMatchObject({ facts: { width: 256, height: 256, extension: 'jpg' } })
    const ours = await samplesOf(outcome.kind === 'image' ? outcome.bytes : new Uint8Array())
    expect(difference(ours.data, await theirs('border')).mean).toBeLessThan(0.8)
  })

  test('regions are blurred as img2dataset does, to 2', async () => {
    const { worst, mean } = difference(blurRegions(small, boxes).data, await theirs('blur'))
    expect(worst).toBeLessThanOrEqual(2)
    expect(mean).toBeLessThan(0.6)
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
