import { mixedRadix } from './mixed-radix.ts'
import type { Transform } from './transform.ts'

/**
 * Bluestein (1970): nk = (n² + k² - (k-n)²) / 2 turns the transform into a convolution with the
 * chirp exp(πi·n²/N), which runs at the next power of two above 2N - 1.
 */
export function bluestein(length: number): Transform {
  const padded = 2 ** Math.ceil(Math.log2(2 * length - 1))
  const inner = mixedRadix(padded)
  const cosine = new Float64Array(length)
  const sine = new Float64Array(length)
  const chirpReal = new Float64Array(padded)
  const chirpImaginary = new Float64Array(padded)
  for (let n = 0; n < length; n++) {
    // n² modulo 2N keeps the angle small and therefore exact for long rows.
    const angle = (Math.PI * ((n * n) % (2 * length))) / length
    cosine[n] = Math.cos(angle)
    sine[n] = Math.sin(angle)
    chirpReal[n] = chirpReal[(padded - n) % padded] = Math.cos(angle)
    chirpImaginary[n] = chirpImaginary[(padded - n) % padded] = Math.sin(angle)
  }
  inner(chirpReal, chirpImaginary)
  const workReal = new Float64Array(padded)
  const workImaginary = new Float64Array(padded)
  return (real, imaginary) => {
    workReal.fill(0)
    workImaginary.fill(0)
    for (let n = 0; n < length; n++) {
      const c = cosine[n] as number
      const s = sine[n] as number
      workReal[n] = (real[n] as number) * c + (imaginary[n] as number) * s
      workImaginary[n] = (imaginary[n] as number) * c - (real[n] as number) * s
    }
    inner(workReal, workImaginary)
    multiplyConjugated(workReal, workImaginary, chirpReal, chirpImaginary)
    // A forward transform of the conjugate is the conjugate of N times the inverse.
    inner(workReal, workImaginary)
    for (let k = 0; k < length; k++) {
      const c = (cosine[k] as number) / padded
      const s = (sine[k] as number) / padded
      real[k] = (workReal[k] as number) * c - (workImaginary[k] as number) * s
      imaginary[k] = -(workImaginary[k] as number) * c - (workReal[k] as number) * s
    }
  }
}

/** a := conjugate(a · b), element by element. */
function multiplyConjugated(
  aReal: Float64Array,
  aImaginary: Float64Array,
  bReal: Float64Array,
  bImaginary: Float64Array,
): void {
  for (let k = 0; k < aReal.length; k++) {
    const ar = aReal[k] as number
    const ai = aImaginary[k] as number
    const br = bReal[k] as number
    const bi = bImaginary[k] as number
    aReal[k] = ar * br - ai * bi
    aImaginary[k] = -(ar * bi + ai * br)
  }
}
