import { ItemIndex, type SegmentRow } from './item-index.ts'

/** What an index that is to be replaced knew to be stored: the witness of what is gone since. */
export interface EarlierIndex {
  /** Segments that held something, without those that were dropped. */
  readonly segments: readonly SegmentRow[]
  /** Sequence numbers of records. */
  readonly sequences: readonly number[]
}

const nothing: EarlierIndex = { segments: [], sequences: [] }

/** An index that is missing or damaged knew nothing. */
export function readEarlierIndex(indexPath: string): EarlierIndex {
  let index: ItemIndex | undefined
  try {
    index = ItemIndex.open(indexPath, 'read')
    const segments = index.segments().filter(({ state }) => state !== 'dropped')
    return { segments, sequences: index.sequences() }
  } catch {
    return nothing
  } finally {
    index?.close()
  }
}
