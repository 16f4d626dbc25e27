import { invariant } from '../../util/index.ts'

/** What was learnt of one label: its share of the training rows, and each feature's distribution. */
export interface LabelModel {
  readonly label: string
  readonly prior: number
  readonly means: readonly number[]
  readonly variances: readonly number[]
}

export interface TrainingRow {
  readonly label: string
  readonly features: readonly number[]
}

/** Added to every variance, as a share of the largest one, so that a constant feature divides. */
const smoothing = 1e-9

/**
 * Learns a Gaussian naive Bayes classifier: per label, independent normal distributions of the
 * features (maximum likelihood) and the label's frequency as prior. The same model as
 * scikit-learn's `GaussianNB` with its default `var_smoothing`. Labels come in order of name.
 */
export function trainNaiveBayes(rows: readonly TrainingRow[]): readonly LabelModel[] {
  invariant(rows.length > 0, 'a classifier needs at least one training row')
  const labels = [...new Set(rows.map(({ label }) => label))].sort()
  // With nothing to part the rows any floor does: every label then scores by its prior.
  const floor = smoothing * (Math.max(...columnsOf(rows).map(varianceOf)) || 1)
  return labels.map((label) => {
    const members = rows.filter((row) => row.label === label)
    const columns = columnsOf(members)
    return {
      label,
      prior: members.length / rows.length,
      means: columns.map(meanOf),
      variances: columns.map((column) => varianceOf(column) + floor),
    }
  })
}

/**
 * Probability of each label given the features, in the order of the model; sums to one. Computed
 * from log-likelihoods by the log-sum-exp rule, so that far outliers do not underflow to 0/0.
 */
export function labelProbabilities(
  model: readonly LabelModel[],
  features: readonly number[],
): number[] {
  const scores = model.map(({ prior, means, variances }) =>
    features.reduce((score, feature, at) => {
      const variance = variances[at] as number
      const distance = feature - (means[at] as number)
      return score - 0.5 * (Math.log(2 * Math.PI * variance) + (distance * distance) / variance)
    }, Math.log(prior)),
  )
  const best = Math.max(...scores)
  const likelihoods = scores.map((score) => Math.exp(score - best))
  const total = likelihoods.reduce((sum, likelihood) => sum + likelihood, 0)
  return likelihoods.map((likelihood) => likelihood / total)
}

function columnsOf(rows: readonly TrainingRow[]): number[][] {
  const width = rows[0]?.features.length ?? 0
  return Array.from({ length: width }, (_, at) =>
    rows.map(({ features }) => features[at] as number),
  )
}

function meanOf(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length
}

function varianceOf(values: readonly number[]): number {
  const mean = meanOf(values)
  return values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length
}
