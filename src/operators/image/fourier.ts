import { bluestein } from './bluestein.ts'
import { largestPrimeFactor, mixedRadix } from './mixed-radix.ts'
import type { Transform } from './transform.ts'

/** Above this a stage of one prime costs more than Bluestein's detour over a power of two. */
const largestRadix = 31

/** O(N log N) for any length; see `Transform` for the definition. */
export function fourierTransform(length: number): Transform {
  return largestPrimeFactor(length) <= largestRadix ? mixedRadix(length) : bluestein(length)
}
