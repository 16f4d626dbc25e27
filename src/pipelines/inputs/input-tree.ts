import { digestOf, type Digest } from '../../model/index.ts'
import type { Input, LeafInput } from '../types.ts'

export function isLeaf(input: Input): input is LeafInput {
  return input.kind === 'pfs' || input.kind === 'cron'
}

/** Every input that reads a repo, in the order of the spec. */
export function leafInputs(input: Input): LeafInput[] {
  return isLeaf(input) ? [input] : input.inputs.flatMap(leafInputs)
}

/**
 * Equal digests mean that the base's datums and key index can be carried forward by
 * `planChanges`; otherwise the new commit must be planned with `planAll`.
 */
export function inputShape(input: Input): Digest {
  return digestOf(JSON.stringify(['inputs/1', shape(input)]))
}

function shape(input: Input): unknown {
  if (!isLeaf(input)) return [input.kind, input.inputs.map(shape)]
  return [
    // Part of datum ids.
    input.name,
    input.project,
    input.repo,
    input.branch,
    // Which files match, and how they meet.
    input.glob,
    input.joinOn,
    input.outerJoin,
    input.groupBy,
    // What counts as a change.
    input.emptyFiles,
    input.reference,
  ]
}
