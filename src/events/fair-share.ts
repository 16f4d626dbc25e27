/**
 * How many partitions a member should hold: all alike, and what is left over goes to those who
 * joined first. `members` are the living ones in the order of joining; 0 for a stranger.
 */
export function fairShare(partitions: number, members: readonly string[], member: string): number {
  const place = members.indexOf(member)
  if (place < 0) return 0
  const rest = partitions % members.length
  return (partitions - rest) / members.length + (place < rest ? 1 : 0)
}

export interface ShareQuestion {
  readonly member: string
  /** The living members in the order of joining. */
  readonly members: readonly string[]
  /** Who holds each partition, by its number. */
  readonly owners: readonly (string | undefined)[]
  /** Partitions of this member in which nothing is open: they may go without work done twice. */
  readonly idle: readonly number[]
}

export interface ShareAnswer {
  readonly kept: readonly number[]
  readonly claimed: readonly number[]
  readonly released: readonly number[]
  /** How many of those kept belong to others as soon as they are idle. */
  readonly surplus: number
}

/**
 * What one member takes and gives to come to its fair share. Each decides for itself alone, and
 * takes only what nobody living holds, so no two members ever hold the same partition.
 */
export function balance({ member, members, owners, idle }: ShareQuestion): ShareAnswer {
  const share = fairShare(owners.length, members, member)
  const living = new Set(members)
  const numbers = owners.map((_, partition) => partition)
  const held = numbers.filter((partition) => owners[partition] === member)
  const excess = Math.max(0, held.length - share)
  const released = held.filter((partition) => idle.includes(partition)).slice(0, excess)
  const free = numbers.filter((partition) => !living.has(owners[partition] ?? ''))
  return {
    kept: held.filter((partition) => !released.includes(partition)),
    claimed: free.slice(0, Math.max(0, share - held.length)),
    released,
    surplus: excess - released.length,
  }
}
