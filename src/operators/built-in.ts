import { copy } from './copy.ts'
import { laplacianVarianceOperator } from './image/laplacian-variance.ts'
import type { Operator } from './operator.ts'

/** Every operator Varve brings; a new one is added here and nowhere else. */
export const builtInOperators: readonly Operator[] = [copy, laplacianVarianceOperator]
