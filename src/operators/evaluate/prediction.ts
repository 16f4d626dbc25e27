import type { Annotation } from './labels.ts'

/** What the classifier says of one image, beside what a person said where somebody did. */
export interface Prediction {
  /** Path of the image without extension. */
  readonly image: string
  readonly label: string
  /** By label, in order of name; they sum to one. */
  readonly probabilities: ReadonlyMap<string, number>
  /** As measured, by name. */
  readonly features: ReadonlyMap<string, number>
  readonly annotation?: Annotation
}

/** Probability of the label chosen. */
export function certainty({ label, probabilities }: Prediction): number {
  return probabilities.get(label) ?? 0
}

export function isWrong({ label, annotation }: Prediction): boolean {
  return annotation !== undefined && annotation.label !== label
}

export function isHeldOut({ annotation }: Prediction): boolean {
  return annotation?.split === 'held-out'
}
