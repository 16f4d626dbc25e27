import type { Digest } from '../../model/index.ts'
import type { CatalogOp } from '../types/catalog.ts'

/** The first op of a checkpoint in one record; belongs to the catalog itself and to no room. */
export const checkpointOp = 'checkpoint'

const partOp = 'checkpoint.part'

/**
 * The first op of each record of a checkpoint in several. An op of its own, because to who knows
 * the other alone each part would be a whole one.
 */
export interface CheckpointPart {
  readonly op: typeof partOp
  /** The record of the part before it; null in the first. */
  readonly after: Digest | null
  readonly last: boolean
}

export function checkpointPart(after: Digest | null, last: boolean): CheckpointPart {
  return { op: partOp, after, last }
}

export function isCheckpointPart(op: CatalogOp | undefined): op is CheckpointPart {
  return op?.op === partOp
}
