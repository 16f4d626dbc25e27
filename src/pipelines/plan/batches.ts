/** Tuples handed on at a time, so that a promise is never spent on one. */
export const tuplesAtOnce = 2000

/** Keys looked up together: enough to share the cost of a question, few enough for memory. */
export const keysAtOnce = 500

/** All items of a stream; for what must be in memory anyway. */
export async function collect<T>(batches: AsyncIterable<readonly T[]>): Promise<T[]> {
  const items: T[] = []
  for await (const batch of batches) for (const item of batch) items.push(item)
  return items
}
