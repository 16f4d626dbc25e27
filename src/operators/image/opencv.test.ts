import { cp, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { exampleFolder, openCvTitle, python, runScript } from '../example.fixture.ts'
import type { Operator, OperatorFile } from '../operator.ts'
import { runOperator } from '../operator.fixture.ts'
import { loadSharp } from './decode.ts'
import { fftLogMagnitudeOperator } from './fft-log-magnitude.ts'
import { encodePng, noise } from './image.fixture.ts'
import { laplacianVarianceOperator } from './laplacian-variance.ts'
import { sobelVarianceOperator } from './sobel-variance.ts'

describe.skipIf(python === undefined)(`operators and scripts agree, ${openCvTitle}`, () => {
  let pfs = ''
  let images: OperatorFile[] = []

  beforeAll(async () => {
    pfs = await mkdtemp(join(tmpdir(), 'varve-opencv-'))
    await mkdir(join(pfs, 'images'))
    await cp(join(exampleFolder, 'scripts'), join(pfs, 'scripts'), { recursive: true })
    images = await pngImages()
    for (const { path, bytes } of images) await writeFile(join(pfs, 'images', path), bytes)
  })
  afterAll(() => rm(pfs, { recursive: true, force: true }))

  test.each([
    ['vol.py', laplacianVarianceOperator],
    ['sob.py', sobelVarianceOperator],
    ['fft.py', fftLogMagnitudeOperator],
  ])('%s', async (script, operator) => {
    await expectSameFigures(script, operator)
  })

  async function expectSameFigures(script: string, operator: Operator): Promise<void> {
    runScript(pfs, script)
    const outputs = Object.entries(await runOperator(operator, images))
    expect(outputs).toHaveLength(images.length)
    for (const [path, text] of outputs) {
      const theirs = Object.entries(JSON.parse(await readFile(join(pfs, 'out', path), 'utf8')))
      const [[name, ours] = ['', NaN]] = Object.entries(JSON.parse(text) as Record<string, number>)
      expect(theirs.map(([field]) => field)).toEqual([name])
      const figure = Number(theirs[0]?.[1])
      expect(Math.abs(ours - figure), `${path}: ${ours} and ${figure}`).toBeLessThanOrEqual(
        1e-6 * Math.abs(figure),
      )
    }
  }
})

/** Noise and slopes in every layout a PNG may have, with even, odd, prime and tiny sides. */
async function pngImages(): Promise<OperatorFile[]> {
  const shapes = [
    { width: 64, height: 64, channels: 3 },
    { width: 61, height: 47, channels: 3 },
    { width: 120, height: 33, channels: 1 },
    { width: 40, height: 50, channels: 4 },
    { width: 30, height: 21, channels: 2 },
    { width: 3, height: 2, channels: 3 },
    { width: 9, height: 1, channels: 3 },
  ] as const
  const files = shapes.map(async (shape) => {
    const length = shape.width * shape.height * shape.channels
    const texture = noise(length, length)
    const smooth = texture.map((value, at) => ((value >> 3) + (at * 160) / length) & 255)
    const path = `${shape.width}x${shape.height}x${shape.channels}`
    return [
      { input: 'images', path: `noise-${path}.png`, bytes: await encodePng(shape, texture) },
      { input: 'images', path: `slope-${path}.png`, bytes: await encodePng(shape, smooth) },
    ]
  })
  return [...(await Promise.all(files)).flat(), ...(await unusualPngs())]
}

async function unusualPngs(): Promise<OperatorFile[]> {
  const sharp = await loadSharp()
  const shape = { width: 50, height: 40, channels: 3 } as const
  const deep = Uint16Array.from(noise(6000, 11), (high, at) => high * 256 + ((at * 37) & 255))
  const encoded = {
    'deep.png': sharp(deep, { raw: shape }).toColourspace('rgb16').png(),
    'palette.png': sharp(noise(6000, 12), { raw: shape }).png({ palette: true, colours: 32 }),
    'interlaced.png': sharp(noise(6000, 13), { raw: shape }).png({ progressive: true }),
  }
  const files = Object.entries(encoded).map(async ([path, image]) => {
    return { input: 'images', path, bytes: await image.toBuffer() }
  })
  return Promise.all(files)
}
