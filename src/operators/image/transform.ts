/**
 * In-place discrete Fourier transform of one length, X[k] = Σ x[n]·exp(-2πi·nk/N), unscaled.
 * Made once per length and used for every row: it keeps its tables and scratch, so a transform
 * allocates nothing. Not safe to share between threads.
 */
export type Transform = (real: Float64Array, imaginary: Float64Array) => void
