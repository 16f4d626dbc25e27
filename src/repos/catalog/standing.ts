import { digestOf } from '../../model/index.ts'
import type { RecordOptions, SegmentStore } from '../../segments/index.ts'
import type { Watermark } from './catalog-file.ts'

/**
 * How tables stand to the records of the store. `ahead`: the last record they hold is gone, which
 * only damage explains, because a record is durable before tables take it. `other`: they are of
 * other records.
 */
export type Standing = 'in step' | 'behind' | 'ahead' | 'other'

/** A record that cannot be read speaks against nothing, where somebody hears of its damage. */
export async function standingOf(
  segments: SegmentStore,
  { sequence, record }: Watermark,
  { onDamage }: RecordOptions = {},
): Promise<Standing> {
  let isFound = sequence === 0
  const heard: RecordOptions =
    onDamage === undefined
      ? {}
      : {
          onDamage: (damaged) => {
            isFound ||= damaged.sequence === sequence
            onDamage(damaged)
          },
        }
  const after = sequence === 0 ? undefined : { sequence: sequence - 1 }
  for await (const { at, bytes } of segments.records(after, heard)) {
    if (at.sequence > sequence) return isFound ? 'behind' : 'other'
    if (digestOf(bytes) !== record) return 'other'
    isFound = true
  }
  return isFound ? 'in step' : 'ahead'
}

/** What a user is told whose tables were ahead. */
export function changesLost(sequence: number): string {
  return (
    `The catalog knew changes up to number ${sequence}, and the segments no longer hold the last` +
    ' of them: those are lost.'
  )
}
