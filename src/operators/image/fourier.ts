/**
 * In-place discrete Fourier transform of one length, X[k] = Σ x[n]·exp(-2πi·nk/N), unscaled.
 * Made once per length and used for every row: it keeps its tables and scratch, so a transform
 * allocates nothing. Not safe to share between threads.
 */
export type Transform = (real: Float64Array, imaginary: Float64Array) => void

/** O(N log N) for any length: radix 2 for powers of two, Bluestein's algorithm for the rest. */
export function fourierTransform(length: number): Transform {
  return (length & (length - 1)) === 0 ? radix2(length) : bluestein(length)
}

/** Cooley and Tukey (1965), decimation in time. */
function radix2(length: number): Transform {
  const cosine = new Float64Array(length / 2)
  const sine = new Float64Array(length / 2)
  for (let k = 0; k < length / 2; k++) {
    cosine[k] = Math.cos((2 * Math.PI * k) / length)
    sine[k] = -Math.sin((2 * Math.PI * k) / length)
  }
  const reversed = bitReversal(length)
  return (real, imaginary) => {
    permute(real, reversed)
    permute(imaginary, reversed)
    for (let half = 1; half < length; half *= 2) {
      const stride = length / (2 * half)
      for (let start = 0; start < length; start += 2 * half) {
        for (let k = 0, top = start, bottom = start + half; k < half; k++, top++, bottom++) {
          const c = cosine[k * stride] as number
          const s = sine[k * stride] as number
          const br = real[bottom] as number
          const bi = imaginary[bottom] as number
          const turnedReal = br * c - bi * s
          const turnedImaginary = br * s + bi * c
          const tr = real[top] as number
          const ti = imaginary[top] as number
          real[bottom] = tr - turnedReal
          imaginary[bottom] = ti - turnedImaginary
          real[top] = tr + turnedReal
          imaginary[top] = ti + turnedImaginary
        }
      }
    }
  }
}

function bitReversal(length: number): Uint32Array {
  const reversed = new Uint32Array(length)
  for (let index = 1; index < length; index++) {
    reversed[index] = ((reversed[index >> 1] as number) >> 1) | (index & 1 ? length >> 1 : 0)
  }
  return reversed
}

function permute(values: Float64Array, reversed: Uint32Array): void {
  for (let index = 0; index < values.length; index++) {
    const other = reversed[index] as number
    if (other <= index) continue
    const value = values[index] as number
    values[index] = values[other] as number
    values[other] = value
  }
}

/**
 * Bluestein (1970): nk = (n² + k² - (k-n)²) / 2 turns the transform into a convolution with the
 * chirp exp(πi·n²/N), which runs at the next power of two above 2N - 1.
 */
function bluestein(length: number): Transform {
  const padded = 2 ** Math.ceil(Math.log2(2 * length - 1))
  const inner = radix2(padded)
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
  const turn = (real: number, imaginary: number, n: number): [number, number] => {
    const c = cosine[n] as number
    const s = sine[n] as number
    return [real * c + imaginary * s, imaginary * c - real * s]
  }
  return (real, imaginary) => {
    workReal.fill(0)
    workImaginary.fill(0)
    for (let n = 0; n < length; n++) {
      const [r, i] = turn(real[n] as number, imaginary[n] as number, n)
      workReal[n] = r
      workImaginary[n] = i
    }
    inner(workReal, workImaginary)
    multiplyConjugated(workReal, workImaginary, chirpReal, chirpImaginary)
    // A forward transform of the conjugate is the conjugate of N times the inverse.
    inner(workReal, workImaginary)
    for (let k = 0; k < length; k++) {
      const [r, i] = turn(workReal[k] as number, -(workImaginary[k] as number), k)
      real[k] = r / padded
      imaginary[k] = i / padded
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
