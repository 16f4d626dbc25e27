import type { CatalogOp, RepoKey } from '../../repos/index.ts'
import type { BadRow } from '../lists/list-row.ts'
import type { CellTypes } from './cell-types.ts'
import type { PlaceRange } from './place-ranges.ts'
import type { RowEnd } from './row.ts'

/** A list that was read to its end. `rows` counts those that made sense, `bad` the others. */
export interface ListEnd {
  readonly id: string
  readonly name: string
  readonly rows: number
  readonly bad: number
  /** The first of the bad rows, with line and reason. */
  readonly badRows: readonly BadRow[]
  /** Places of the bad rows, in their order. Lists of before do not have it, nor those without any. */
  readonly badPlaces?: readonly PlaceRange[]
  /** Types of the further columns. Where all cells are text (csv, tsv), rows are text until they are shards. */
  readonly types?: CellTypes
}

/** A list was enqueued. */
export interface IngestListOp extends CatalogOp {
  readonly op: 'ingest.list'
  readonly repo: RepoKey
  readonly list: ListEnd
}

/** Rows ended. */
export interface IngestRowsOp extends CatalogOp {
  readonly op: 'ingest.rows'
  readonly repo: RepoKey
  readonly rows: readonly RowEnd[]
  /** When they ended, where that was before this record: a checkpoint says it again. */
  readonly at?: number
}

/** Heard from the room that owns it: the rows of a repo go with the repo. */
export interface RepoDeleteOp extends CatalogOp {
  readonly op: 'repo.delete'
  readonly repo: RepoKey
}

export type IngestOp = IngestListOp | IngestRowsOp
