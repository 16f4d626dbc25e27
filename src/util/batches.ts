/** Hands values on so many at a time, so that what costs a promise or a statement is spent on many. */
export function* inBatches<T>(values: Iterable<T>, length: number): Generator<readonly T[]> {
  let batch: T[] = []
  for (const value of values) {
    batch.push(value)
    if (batch.length < length) continue
    yield batch
    batch = []
  }
  if (batch.length > 0) yield batch
}

/** `inBatches` of a stream. */
export async function* streamInBatches<T>(
  values: AsyncIterable<T>,
  length: number,
): AsyncGenerator<readonly T[]> {
  let batch: T[] = []
  for await (const value of values) {
    batch.push(value)
    if (batch.length < length) continue
    yield batch
    batch = []
  }
  if (batch.length > 0) yield batch
}

/** What one batch may hold. */
export interface BatchLimits {
  readonly length: number
  /** Of the sizes of all; a value that is larger is a batch by itself. */
  readonly size: number
}

/** `inBatches` that bounds the sum of sizes too. */
export function* inSizedBatches<T extends { readonly size: number }>(
  values: Iterable<T>,
  limits: BatchLimits,
): Generator<readonly T[]> {
  let batch: T[] = []
  let size = 0
  for (const value of values) {
    const isFull = batch.length === limits.length || size + value.size > limits.size
    if (isFull && batch.length > 0) {
      yield batch
      batch = []
      size = 0
    }
    batch.push(value)
    size += value.size
  }
  if (batch.length > 0) yield batch
}
