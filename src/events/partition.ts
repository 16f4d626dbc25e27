/** How many partitions a new topic gets: the most members of a group that can share its work. */
export const partitionCount = 16

/**
 * The partition of a key: FNV-1a of 32 bits over its UTF-16 code units, mixed as MurmurHash3 ends,
 * because the low bits of FNV alone depend on nothing but the low bits of the text. Part of the
 * format: another partition for an old key would break the order of its messages.
 */
export function partitionOf(key: string, partitions: number): number {
  let hash = 0x811c9dc5
  for (let i = 0; i < key.length; i += 1) {
    hash = Math.imul(hash ^ key.charCodeAt(i), 0x01000193)
  }
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b)
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35)
  return ((hash ^ (hash >>> 16)) >>> 0) % partitions
}

/**
 * Deals messages out over the partitions, their order kept in each. Those without a key go round,
 * beginning at `turn`.
 */
export function byPartition<M extends { readonly key?: string }>(
  messages: readonly M[],
  partitions: number,
  turn: number,
): ReadonlyMap<number, readonly M[]> {
  const dealt = new Map<number, M[]>()
  let next = turn
  for (const message of messages) {
    const { key } = message
    const partition = key === undefined ? next++ % partitions : partitionOf(key, partitions)
    const list = dealt.get(partition)
    if (list === undefined) dealt.set(partition, [message])
    else list.push(message)
  }
  return dealt
}
