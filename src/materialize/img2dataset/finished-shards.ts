/** Shards below `target` that have their stats: the ones `incremental` leaves alone. */
export async function finishedShards(_target: string): Promise<ReadonlySet<number>> {
  throw new Error('not yet')
}
