/** Real and imaginary parts beside each other, so that loops stay on flat arrays. */
export interface ComplexTable {
  readonly real: Float64Array
  readonly imaginary: Float64Array
}

export function complexTable(length: number): ComplexTable {
  return { real: new Float64Array(length), imaginary: new Float64Array(length) }
}

/** The roots of unity exp(-2πi·k/N) for k = 0..N-1. */
export function rootsOfUnity(length: number): ComplexTable {
  const table = complexTable(length)
  for (let k = 0; k < length; k++) {
    table.real[k] = Math.cos((2 * Math.PI * k) / length)
    table.imaginary[k] = -Math.sin((2 * Math.PI * k) / length)
  }
  return table
}
