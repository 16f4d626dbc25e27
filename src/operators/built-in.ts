import { copy } from './copy.ts'
import { fftLogMagnitudeOperator } from './image/fft-log-magnitude.ts'
import { imageFacts } from './image/image-facts.ts'
import { laplacianVarianceOperator } from './image/laplacian-variance.ts'
import { sobelVarianceOperator } from './image/sobel-variance.ts'
import { gaussianNaiveBayes } from './evaluate/classify-images.ts'
import { joinFeatures } from './table/join-features.ts'
import type { Operator } from './operator.ts'

/** Every operator Varve brings; a new one is added here and nowhere else. */
export const builtInOperators: readonly Operator[] = [
  copy,
  joinFeatures,
  gaussianNaiveBayes,
  laplacianVarianceOperator,
  sobelVarianceOperator,
  fftLogMagnitudeOperator,
  imageFacts,
]
