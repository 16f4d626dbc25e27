import type { Digest } from '../model/index.ts'
import type { ItemIndex, SegmentRow } from './item-index.ts'
import { loneName } from './member-name.ts'
import { SampleRun } from './sample-run.ts'
import type { ScannedMember } from './segment-scanner.ts'

/** A member that compaction keeps. */
export interface LiveMember extends ScannedMember {
  /** Equal keys side by side are copied side by side; undefined for what is in no sample. */
  readonly key: string | undefined
  /** False for a second copy that makes its sample whole: the index names another one. */
  readonly isPlaced: boolean
}

export interface LiveMembersOptions {
  readonly index: ItemIndex
  readonly row: SegmentRow
  /** Records before this one are replaced. */
  readonly firstRecord: number
  /** Which of some items something still names. */
  readonly isLive: (digests: readonly Digest[]) => readonly boolean[]
}

/** Tells what lives in one segment; asked in the order of its members. */
export class LiveMembers {
  readonly #options: LiveMembersOptions
  readonly #run = new SampleRun()

  constructor(options: LiveMembersOptions) {
    this.#options = options
  }

  /**
   * What is named, or a record not replaced, and lies where the index says: not an older copy. Of a
   * sample whose first member lives, second copies live as well.
   */
  of(members: readonly ScannedMember[]): LiveMember[] {
    const { index, row, firstRecord, isLive } = this.#options
    const digests = members.map(({ digest }) => digest)
    const places = index.find(digests)
    const live = isLive(digests)
    const records = index.recordsAt(
      members.flatMap(({ name }) => (name.kind === 'record' ? [name.sequence] : [])),
    )
    return members.flatMap((member, i) => {
      const { name, digest, offset } = member
      if (name.kind === 'claim') return []
      const isNamed = name.kind === 'item' ? live[i] === true : name.sequence >= firstRecord
      const place = name.kind === 'item' ? places.get(digest) : records.get(name.sequence)
      const isPlaced = place?.segment === row.id && place.offset === offset
      const isLed = this.#run.isLed(member, isNamed && isPlaced)
      return isNamed && (isPlaced || isLed) ? [named(member, { isPlaced, isLed })] : []
    })
  }
}

function named(
  member: ScannedMember,
  { isPlaced, isLed }: { readonly isPlaced: boolean; readonly isLed: boolean },
): LiveMember {
  const { name, digest } = member
  const key = name.kind === 'item' ? name.key : undefined
  if (key === undefined || isLed) return { ...member, key, isPlaced }
  return { ...member, fileName: loneName(digest), key: undefined, isPlaced }
}
