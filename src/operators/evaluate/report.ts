import { accuracyOf, type Accuracy } from './accuracy.ts'
import type { LabelModel } from './gaussian-naive-bayes.ts'
import { isHeldOut, isWrong, type Prediction } from './prediction.ts'

/** `report.json`: how good the classifier is and what it learnt. */
export interface Report {
  readonly images: number
  /** Images the classifier has never seen: the figure to trust. */
  readonly held_out: Accuracy
  /** Images it learnt from: an upper bound. */
  readonly train: Accuracy
  /** Held-out images: `confusion[what it is][what it was taken for]`. */
  readonly confusion: Readonly<Record<string, Readonly<Record<string, number>>>>
  /** Paths of held-out images that were taken for something else. */
  readonly wrong: readonly string[]
  readonly features: readonly string[]
  readonly model: readonly LabelModel[]
}

export function reportOn(
  predictions: readonly Prediction[],
  features: readonly string[],
  model: readonly LabelModel[],
): Report {
  const heldOut = predictions.filter(isHeldOut)
  const train = predictions.filter(({ annotation }) => annotation?.split === 'train')
  return {
    images: predictions.length,
    held_out: accuracyOfAll(heldOut),
    train: accuracyOfAll(train),
    confusion: confusionOf(
      heldOut,
      model.map(({ label }) => label),
    ),
    wrong: heldOut.filter(isWrong).map(({ image }) => image),
    features,
    model,
  }
}

function accuracyOfAll(predictions: readonly Prediction[]): Accuracy {
  const correct = predictions.filter((prediction) => !isWrong(prediction)).length
  return accuracyOf(correct, predictions.length)
}

function confusionOf(
  predictions: readonly Prediction[],
  labels: readonly string[],
): Record<string, Record<string, number>> {
  const actual = predictions.flatMap(({ annotation }) => annotation?.label ?? [])
  const rows = [...new Set([...labels, ...actual])].sort()
  const count = (row: string, column: string): number =>
    predictions.filter(({ label, annotation }) => annotation?.label === row && label === column)
      .length
  return Object.fromEntries(
    rows.map((row) => [row, Object.fromEntries(labels.map((label) => [label, count(row, label)]))]),
  )
}
