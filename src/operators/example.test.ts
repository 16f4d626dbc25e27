import { cp, mkdir, mkdtemp, rename, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { gaussianNaiveBayes } from './evaluate/classify-images.ts'
import { exampleFolder, openCvTitle, python, readInput, runScript } from './example.fixture.ts'
import { fftLogMagnitudeOperator } from './image/fft-log-magnitude.ts'
import { laplacianVarianceOperator } from './image/laplacian-variance.ts'
import { sobelVarianceOperator } from './image/sobel-variance.ts'
import { runOperator, textFile } from './operator.fixture.ts'
import type { Operator, OperatorFile } from './operator.ts'
import { joinFeatures } from './table/join-features.ts'

interface Report {
  readonly images: number
  readonly held_out: { readonly total: number; readonly accuracy: number }
}

const images = await readInput(join(exampleFolder, 'images'), 'images')

const measuredByOperators = measureWithOperators()

test('the example holds at least 60 images of at most 1.5 MB in all', () => {
  expect(images.length).toBeGreaterThanOrEqual(60)
  const bytes = images.reduce((sum, image) => sum + image.bytes.length, 0)
  expect(bytes).toBeLessThanOrEqual(1_500_000)
})

test('at least nine of ten held-out images are sorted rightly by the operators', async () => {
  const { report } = await classify(await measuredByOperators)
  expect(report.images).toBe(images.length)
  expect(report.held_out.total).toBeGreaterThanOrEqual(18)
  expect(report.held_out.accuracy).toBeGreaterThanOrEqual(0.9)
})

test.skipIf(python === undefined)(
  `operators and scripts give every photograph the same label, ${openCvTitle}`,
  async () => {
    const pfs = await mkdtemp(join(tmpdir(), 'varve-example-'))
    try {
      const ours = await classify(await measuredByOperators)
      const theirs = await classify(await measureWithScripts(pfs))
      expect(ours.labels).toHaveLength(images.length)
      expect(theirs.labels).toEqual(ours.labels)
    } finally {
      await rm(pfs, { recursive: true, force: true })
    }
  },
)

test.runIf(process.env['VARVE_REQUIRE_ALL'] === '1')('python3 with cv2 is installed', () => {
  expect(python, 'python3 with cv2 (Debian: python3-opencv)').toBeDefined()
})

async function measureWithOperators(): Promise<OperatorFile[]> {
  const figures = [
    ...(await runAs('fft', fftLogMagnitudeOperator, images)),
    ...(await runAs('sob', sobelVarianceOperator, images)),
    ...(await runAs('vol', laplacianVarianceOperator, images)),
  ]
  return runAs('features', joinFeatures, figures)
}

/** As the pipelines of `varve.scripts.yaml` do, all images in one datum. */
async function measureWithScripts(pfs: string): Promise<OperatorFile[]> {
  await cp(join(exampleFolder, 'scripts'), join(pfs, 'scripts'), { recursive: true })
  await cp(join(exampleFolder, 'images'), join(pfs, 'images'), { recursive: true })
  for (const pipeline of ['vol', 'sob', 'fft', 'features']) {
    await mkdir(join(pfs, 'out'))
    runScript(pfs, `${pipeline}.py`)
    await rename(join(pfs, 'out'), join(pfs, pipeline))
  }
  return readInput(join(pfs, 'features'), 'features')
}

async function classify(
  rows: readonly OperatorFile[],
): Promise<{ report: Report; labels: string[] }> {
  const labels = await readInput(join(exampleFolder, 'labels'), 'labels')
  const outputs = await runOperator(gaussianNaiveBayes, [...rows, ...images, ...labels], {
    log: ['laplacian_variance', 'sobel_variance'],
  })
  const records = (outputs['predictions.csv'] ?? '').trimEnd().split('\n').slice(1)
  return {
    report: JSON.parse(outputs['report.json'] ?? '') as Report,
    labels: records.map((record) => record.split(',', 2).join(': ')),
  }
}

async function runAs(
  input: string,
  operator: Operator,
  files: readonly OperatorFile[],
): Promise<OperatorFile[]> {
  const outputs = await runOperator(operator, files)
  return Object.entries(outputs).map(([path, text]) => textFile(input, path, text))
}
