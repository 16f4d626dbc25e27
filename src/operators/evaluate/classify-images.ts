import { z } from 'zod'
import { comparePaths } from '../../model/index.ts'
import { inputRefused } from '../input-refused.ts'
import { defineOperator, type Operator, type OperatorFile } from '../operator.ts'
import { stem } from '../output-path.ts'
import { formatCsvRecord } from '../table/csv.ts'
import { parseRow } from '../table/row.ts'
import { contactSheet } from './contact-sheet/contact-sheet.ts'
import { labelProbabilities, trainNaiveBayes, type LabelModel } from './gaussian-naive-bayes.ts'
import { readLabels, type Annotation } from './labels.ts'
import type { Prediction } from './prediction.ts'
import { reportOn } from './report.ts'

const params = z.strictObject({
  rows: z.string().default('features').describe('Input with one JSON object per image.'),
  labels: z.string().default('labels').describe('Input with CSV files: image, label, split.'),
  images: z.string().default('images').describe('Input with the images, for the contact sheet.'),
  features: z
    .array(z.string())
    .min(1)
    .optional()
    .describe('Fields to learn from; all numeric fields of the first row when left out.'),
  log: z
    .array(z.string())
    .default([])
    .describe('Features to learn from as ln(1 + x): for variances, which spread over decades.'),
  title: z.string().default('Contact sheet').describe('Heading of the contact sheet.'),
  sheet_limit: z
    .int()
    .positive()
    .default(200)
    .describe('Most thumbnails per label; wrong and uncertain ones come first.'),
})
type Params = z.infer<typeof params>

interface MeasuredImage {
  readonly image: string
  readonly features: ReadonlyMap<string, number>
}

/**
 * Trains a Gaussian naive Bayes classifier on the rows labelled `train` and applies it to all.
 * Writes `predictions/<image>.json`, `predictions.csv`, `report.json` (accuracy on the held-out
 * rows, which it has never seen) and `contact-sheet.html`.
 */
export const gaussianNaiveBayes: Operator = defineOperator({
  name: 'gaussian-naive-bayes',
  version: 1,
  summary: 'Learns labels from rows of figures, predicts all, reports, and draws a contact sheet.',
  params,
  async run(files, params) {
    const from = (input: string): OperatorFile[] => files.filter((file) => file.input === input)
    const annotations = readLabels(from(params.labels))
    const names = featureNames(from(params.rows), params)
    const measured = from(params.rows).map((file) => measure(file, names))
    const model = train(measured, annotations, params)
    const predictions = measured.map((image) => predict(image, annotations, model, params))
    const report = reportOn(predictions, names, model)
    const sheet = { title: params.title, limit: params.sheet_limit, images: from(params.images) }
    return [
      ...predictions.map((prediction) => ({
        path: `predictions/${prediction.image}.json`,
        bytes: Buffer.from(`${JSON.stringify(plain(prediction))}\n`),
      })),
      { path: 'predictions.csv', bytes: Buffer.from(toCsv(predictions, names, model)) },
      { path: 'report.json', bytes: Buffer.from(`${JSON.stringify(report, null, 2)}\n`) },
      {
        path: 'contact-sheet.html',
        bytes: Buffer.from(await contactSheet(predictions, report, sheet)),
      },
    ]
  },
})

function featureNames(files: readonly OperatorFile[], { rows, features }: Params): string[] {
  const [first] = files
  if (first === undefined) {
    throw inputRefused({ input: rows, path: '' }, 'no-rows', 'there is nothing to learn from.')
  }
  if (features !== undefined) return features
  const numeric = Object.entries(parseRow(first)).filter(([, value]) => typeof value === 'number')
  return numeric.map(([name]) => name).sort(comparePaths)
}

function measure(file: OperatorFile, names: readonly string[]): MeasuredImage {
  const row = parseRow(file)
  const features = names.map((name): [string, number] => {
    const value = row[name]
    if (typeof value === 'number' && Number.isFinite(value)) return [name, value]
    throw inputRefused(file, 'missing-feature', `its field "${name}" is not a number.`)
  })
  return { image: stem(file.path), features: new Map(features) }
}

function train(
  measured: readonly MeasuredImage[],
  annotations: ReadonlyMap<string, Annotation>,
  params: Params,
): readonly LabelModel[] {
  const rows = measured.flatMap(({ image, features }) => {
    const annotation = annotations.get(image)
    if (annotation?.split !== 'train') return []
    return [{ label: annotation.label, features: scaled(features, params) }]
  })
  if (rows.length > 0) return trainNaiveBayes(rows)
  const detail = 'no image of the rows has a label of split "train".'
  throw inputRefused({ input: params.labels, path: '' }, 'no-labels', detail)
}

function scaled(features: ReadonlyMap<string, number>, { log }: Params): number[] {
  return [...features].map(([name, value]) => (log.includes(name) ? Math.log1p(value) : value))
}

function predict(
  { image, features }: MeasuredImage,
  annotations: ReadonlyMap<string, Annotation>,
  model: readonly LabelModel[],
  params: Params,
): Prediction {
  const shares = labelProbabilities(model, scaled(features, params))
  const best = shares.indexOf(Math.max(...shares))
  const probabilities = new Map(model.map(({ label }, at) => [label, shares[at] ?? 0]))
  const annotation = annotations.get(image)
  const prediction = { image, label: model[best]?.label ?? '', probabilities, features }
  return annotation === undefined ? prediction : { ...prediction, annotation }
}

function plain({ image, label, probabilities, features, annotation }: Prediction): object {
  return {
    image,
    label,
    probabilities: Object.fromEntries(probabilities),
    features: Object.fromEntries(features),
    ...(annotation === undefined ? {} : { expected: annotation.label, split: annotation.split }),
  }
}

function toCsv(
  predictions: readonly Prediction[],
  names: readonly string[],
  model: readonly LabelModel[],
): string {
  const shares = model.map(({ label }) => `p_${label}`)
  const header = ['image', 'label', ...shares, ...names, 'expected', 'split']
  const records = predictions.map(({ image, label, probabilities, features, annotation }) => [
    image,
    label,
    ...probabilities.values(),
    ...features.values(),
    annotation?.label ?? '',
    annotation?.split ?? '',
  ])
  return [header, ...records].map(formatCsvRecord).join('')
}
