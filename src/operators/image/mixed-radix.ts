import { complexTable, rootsOfUnity, type ComplexTable } from './complex-table.ts'
import type { Transform } from './transform.ts'

/** One pass: `length` is what is left to transform, `stride` how many such transforms interleave. */
interface Stage {
  readonly radix: number
  readonly length: number
  readonly stride: number
}

/**
 * Stockham's autosort transform (Cochran et al., "What is the fast Fourier transform?", 1967) in
 * the radices of the length: fours, then its primes. Every pass reads one array and writes the
 * other in order, so no bit reversal is needed.
 */
export function mixedRadix(length: number): Transform {
  const roots = rootsOfUnity(length)
  const passes = stagesOf(length).map((stage) => passOf(stage, roots))
  const scratch = complexTable(length)
  return (real, imaginary) => {
    let from: ComplexTable = { real, imaginary }
    let to = scratch
    for (const pass of passes) {
      pass(from, to)
      ;[from, to] = [to, from]
    }
    if (from.real === real) return
    real.set(from.real)
    imaginary.set(from.imaginary)
  }
}

export function largestPrimeFactor(length: number): number {
  return Math.max(1, ...stagesOf(length).map(({ radix }) => (radix === 4 ? 2 : radix)))
}

function stagesOf(length: number): Stage[] {
  const stages: Stage[] = []
  let rest = length
  let radix = 4
  while (rest > 1) {
    if (rest % radix === 0) {
      stages.push({ radix, length: rest, stride: length / rest })
      rest /= radix
    } else {
      radix = nextRadix(radix, rest)
    }
  }
  return stages
}

/** 4, 2, 3, 5, 7, …; once its square exceeds what is left, what is left is a prime. */
function nextRadix(radix: number, rest: number): number {
  if (radix === 4) return 2
  const next = radix === 2 ? 3 : radix + 2
  return next * next > rest ? rest : next
}

type Pass = (from: ComplexTable, to: ComplexTable) => void

function passOf(stage: Stage, roots: ComplexTable): Pass {
  if (stage.radix !== 4) return passOfAny(stage, roots)
  return (from, to) => passOfFour(stage, roots, from, to)
}

function passOfFour(stage: Stage, roots: ComplexTable, from: ComplexTable, to: ComplexTable): void {
  const { length, stride } = stage
  const { real: xr, imaginary: xi } = from
  const { real: yr, imaginary: yi } = to
  const { real: wr, imaginary: wi } = roots
  const quarter = (length / 4) * stride
  for (let block = 0; block < quarter; block += stride) {
    // Root number p·t of this length is root p·t·stride of the whole, and block is p·stride.
    const w1r = wr[block] as number
    const w1i = wi[block] as number
    const w2r = wr[2 * block] as number
    const w2i = wi[2 * block] as number
    const w3r = wr[3 * block] as number
    const w3i = wi[3 * block] as number
    for (let a = block, y = 4 * block; a < block + stride; a++, y++) {
      const b = a + quarter
      const c = b + quarter
      const d = c + quarter
      const acr = (xr[a] as number) + (xr[c] as number)
      const aci = (xi[a] as number) + (xi[c] as number)
      const amr = (xr[a] as number) - (xr[c] as number)
      const ami = (xi[a] as number) - (xi[c] as number)
      const bdr = (xr[b] as number) + (xr[d] as number)
      const bdi = (xi[b] as number) + (xi[d] as number)
      const bmr = (xr[b] as number) - (xr[d] as number)
      const bmi = (xi[b] as number) - (xi[d] as number)
      yr[y] = acr + bdr
      yi[y] = aci + bdi
      const y1r = amr + bmi
      const y1i = ami - bmr
      yr[y + stride] = y1r * w1r - y1i * w1i
      yi[y + stride] = y1r * w1i + y1i * w1r
      const y2r = acr - bdr
      const y2i = aci - bdi
      yr[y + 2 * stride] = y2r * w2r - y2i * w2i
      yi[y + 2 * stride] = y2r * w2i + y2i * w2r
      const y3r = amr - bmi
      const y3i = ami + bmr
      yr[y + 3 * stride] = y3r * w3r - y3i * w3i
      yi[y + 3 * stride] = y3r * w3i + y3i * w3r
    }
  }
}

/** A pass of any radix by the definition: a radix is small, so its square is too. */
function passOfAny({ radix, length, stride }: Stage, roots: ComplexTable): Pass {
  const inner = rootsOfUnity(radix)
  const share = (length / radix) * stride
  // Coefficients of all butterflies of one block: output t from input r.
  const coefficients = complexTable(radix * radix)
  const prepare = (block: number): void => {
    for (let t = 0, at = 0; t < radix; t++) {
      const wr = roots.real[block * t] as number
      const wi = roots.imaginary[block * t] as number
      for (let r = 0; r < radix; r++, at++) {
        const ir = inner.real[(r * t) % radix] as number
        const ii = inner.imaginary[(r * t) % radix] as number
        coefficients.real[at] = ir * wr - ii * wi
        coefficients.imaginary[at] = ir * wi + ii * wr
      }
    }
  }
  const { real: cr, imaginary: ci } = coefficients
  const combine = (from: ComplexTable, to: ComplexTable, x: number, y: number): void => {
    const { real: xr, imaginary: xi } = from
    for (let t = 0, at = 0; t < radix; t++) {
      let real = 0
      let imaginary = 0
      for (let r = 0, source = x; r < radix; r++, at++, source += share) {
        const a = xr[source] as number
        const b = xi[source] as number
        const c = cr[at] as number
        const d = ci[at] as number
        real += a * c - b * d
        imaginary += a * d + b * c
      }
      to.real[y + t * stride] = real
      to.imaginary[y + t * stride] = imaginary
    }
  }
  return (from, to) => {
    for (let block = 0; block < share; block += stride) {
      prepare(block)
      for (let q = 0; q < stride; q++) combine(from, to, block + q, radix * block + q)
    }
  }
}
