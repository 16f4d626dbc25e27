/** Share of right answers with the bounds of its 95 % confidence interval. */
export interface Accuracy {
  readonly correct: number
  readonly total: number
  /** Absent when there was nothing to be right about; so are the bounds. */
  readonly accuracy?: number
  readonly low?: number
  readonly high?: number
}

/** z of a two-sided 95 % interval of the normal distribution. */
const z = 1.959963984540054

/** The interval is Wilson's score interval (1927), which holds for few samples and shares near 1. */
export function accuracyOf(correct: number, total: number): Accuracy {
  if (total === 0) return { correct, total }
  const share = correct / total
  const weight = (z * z) / total
  const centre = (share + weight / 2) / (1 + weight)
  const reach =
    Math.sqrt((share * (1 - share) * z * z) / total + (weight * weight) / 4) / (1 + weight)
  return {
    correct,
    total,
    accuracy: share,
    // The bounds are exact at the ends, where rounding would leave 0.9999….
    low: correct === 0 ? 0 : centre - reach,
    high: correct === total ? 1 : centre + reach,
  }
}
