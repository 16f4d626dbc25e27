import type { Datum, DatumInput, LeafInput, TreePath } from '../types.ts'
import { compareInputs, datumContent, datumId } from '../inputs/datum-id.ts'

/** One matched path of one input: what datums are put together from. */
export interface Piece {
  readonly leaf: LeafInput
  readonly at: TreePath
  readonly joinOn: string
  readonly groupBy: string
}

/** The pieces of one datum, in the order of the spec. */
export type Tuple = readonly Piece[]

export type TupleChange =
  | { readonly kind: 'add'; readonly tuple: Tuple }
  /** `changed` are the pieces whose content differs. */
  | { readonly kind: 'change'; readonly tuple: Tuple; readonly changed: readonly Piece[] }
  /** Contents in a removed tuple mean nothing: only its identity counts. */
  | { readonly kind: 'remove'; readonly tuple: Tuple }

/** Equal for pieces that are the same file of the same input. */
export function pieceKey({ leaf, at }: Piece): string {
  return `${leaf.name}\0${leaf.project}\0${leaf.repo}\0${leaf.branch}\0${at.path}`
}

export function tupleKey(tuple: Tuple): string {
  return tuple.length === 1 && tuple[0] !== undefined
    ? pieceKey(tuple[0])
    : tuple.map(pieceKey).sort().join('\0\0')
}

export function datumOf(tuple: Tuple): Datum {
  const inputs = tuple.map(datumInput).sort(compareInputs)
  const id = datumId(inputs)
  return { id, content: datumContent(id, inputs), inputs }
}

function datumInput({ leaf, at, joinOn, groupBy }: Piece): DatumInput {
  return {
    name: leaf.name,
    project: leaf.project,
    repo: leaf.repo,
    branch: leaf.branch,
    path: at.path,
    joinOn,
    groupBy,
    digest: at.digest,
    executable: at.executable ? true : undefined,
    files: at.files,
    size: at.size,
    directory: at.directory,
    lazy: leaf.lazy,
    emptyFiles: leaf.emptyFiles,
    reference: leaf.reference,
  }
}
