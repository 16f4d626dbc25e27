import type { Digest } from '../../model/index.ts'
import type { CatalogDb } from '../catalog/catalog-db.ts'

/** One fact of a record. `op` names its kind (`branch.set`); everything else is plain JSON. */
export interface CatalogOp {
  readonly op: string
}

/**
 * How another room keeps its own tables in the catalog. `apply` MUST depend on the op, the record's
 * time and the tables alone, so that replaying the records gives the same tables.
 */
export interface CatalogReducer {
  readonly name: string
  /** Raise it when the tables change: the catalog is rebuilt from the records. */
  readonly version: number
  /** `CREATE TABLE ...` statements; table names are unique over all reducers. */
  readonly tables: string
  readonly ops: readonly string[]
  /** Ops of other rooms that change these tables too, applied after their own room has. */
  readonly hears?: readonly string[]
  apply(db: CatalogDb, op: CatalogOp, record: { readonly at: number }): void
  /** Ops that, applied to empty tables, give the present ones; in an order of their own keys. */
  snapshot(db: CatalogDb): Iterable<CatalogOp>
  /** What must survive garbage collection besides the trees of commits. */
  live?(db: CatalogDb): Iterable<LiveRoot>
  /** Items that a value of a `nodes` tree names: they live for as long as the tree does. */
  itemsIn?(key: string, value: Uint8Array): Iterable<Digest>
}

/**
 * `files`: a file tree (its nodes and the items its values name); `nodes`: a tree whose values are
 * no files (what items they name, `itemsIn` says); `item`: one item.
 */
export interface LiveRoot {
  readonly kind: 'files' | 'nodes' | 'item'
  readonly digest: Digest
}

/** A fact told after the change is durable. `data` is JSON; `subject` is `repo@id` and the like. */
export interface StoreEvent {
  readonly type: string
  readonly subject: string
  readonly at: number
  readonly data: Readonly<Record<string, unknown>>
}
