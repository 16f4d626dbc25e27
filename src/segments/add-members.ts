import type { Digest } from '../model/index.ts'
import { invariant } from '../util/index.ts'
import type { LaneWriter, Placement } from './lane-writer.ts'
import { loneName } from './member-name.ts'
import { mayLead } from './sample-run.ts'

/** What is to be written to a lane, and the sample it belongs to when it has one. */
export interface NewMember {
  readonly name: string
  readonly digest: Digest
  readonly bytes: Uint8Array
  readonly key?: string | undefined
}

export interface AddMembersOptions {
  /** Whole seconds since 1970. */
  readonly mtime: number
  /** Whether the store holds these bytes; true for what `onPlaced` heard of as well. */
  readonly isKnown: (digest: Digest) => boolean
  readonly onPlaced: (member: NewMember, placement: Placement) => void
}

/**
 * Appends what the store does not hold yet. A sample (see `NewItem.key`) whose first member is new
 * is written whole and side by side; of one whose first member is known only new parts are written,
 * each under a name of its own, so that no reader finds samples with a part missing.
 */
export async function addMembers(
  writer: LaneWriter,
  members: readonly NewMember[],
  { mtime, isKnown, onPlaced }: AddMembersOptions,
): Promise<void> {
  let isNewSample = false
  let end = 0
  for (const [at, member] of members.entries()) {
    const { digest, bytes } = member
    if (at === end) {
      end = sampleEnd(members, at)
      isNewSample = !isKnown(digest)
      const isAlone = end === at + 1
      if (isNewSample && !isAlone) await writer.reserve(members.slice(at, end).map(sizeOf))
    }
    if (!isNewSample && isKnown(digest)) continue
    const name = isNewSample ? member.name : loneName(digest)
    const header = { name, digest, mtime, size: bytes.length }
    const placement = writer.tryPut(header, bytes) ?? (await writer.put(header, bytes))
    // A second copy, written to make its sample whole: the index goes on naming the first.
    if (!isKnown(digest)) onPlaced(member, placement)
  }
}

function sizeOf({ bytes }: NewMember): number {
  return bytes.length
}

/** Index behind the last member of the sample that starts at `start`. */
function sampleEnd(members: readonly NewMember[], start: number): number {
  const leader = members[start]
  let end = start + 1
  if (leader?.key === undefined) return end
  invariant(mayLead(leader.key, leader.digest), 'a sample is called by the digest of another item')
  const names = new Set([leader.name])
  for (let next = members[end]; next?.key === leader.key; next = members[++end]) {
    // The same picture twice in a row has the same key both times, and still makes two samples.
    if (next.digest === leader.digest || names.has(next.name)) break
    names.add(next.name)
  }
  return end
}
