import { VarveError, type Digest } from '../../model/index.ts'
import { invariant } from '../../util/index.ts'
import type { CatalogOp, CatalogReducer, LiveRoot } from '../types/catalog.ts'
import type { CatalogDb } from './catalog-db.ts'
import { checkpointOp } from './checkpoint-op.ts'
import { emptyTables } from './tables.ts'

/** All rooms' reducers as one: who applies which op, in which order tables are made. */
export class Reducers {
  readonly #list: readonly CatalogReducer[]
  readonly #byOp = new Map<string, CatalogReducer>()
  readonly #hearers = new Map<string, CatalogReducer[]>()

  constructor(list: readonly CatalogReducer[]) {
    this.#list = list
    for (const reducer of list) {
      for (const op of reducer.ops) {
        invariant(!this.#byOp.has(op), `two reducers claim the op ${op}`)
        this.#byOp.set(op, reducer)
      }
      for (const op of reducer.hears ?? []) {
        this.#hearers.set(op, [...(this.#hearers.get(op) ?? []), reducer])
      }
    }
  }

  /** Names the tables' shape: another shape means the catalog is rebuilt. */
  get shape(): string {
    return this.#list.map(({ name, version }) => `${name}:${version}`).join(' ')
  }

  createTables(db: CatalogDb): void {
    for (const reducer of this.#list) db.exec(reducer.tables)
  }

  apply(db: CatalogDb, op: CatalogOp, at: number): void {
    // What follows gives all tables anew.
    if (op.op === checkpointOp) return emptyTables(db)
    const reducer = this.#byOp.get(op.op)
    if (reducer === undefined) {
      throw new VarveError('FORMAT_TOO_NEW', {
        what: `The store holds a change of the unknown kind "${op.op}".`,
        data: { op: op.op },
      })
    }
    reducer.apply(db, op, { at })
    for (const hearer of this.#hearers.get(op.op) ?? []) hearer.apply(db, op, { at })
  }

  *snapshot(db: CatalogDb): Iterable<CatalogOp> {
    for (const reducer of this.#list) yield* reducer.snapshot(db)
  }

  *live(db: CatalogDb): Iterable<LiveRoot> {
    for (const reducer of this.#list) yield* reducer.live?.(db) ?? []
  }

  *itemsIn(key: string, value: Uint8Array): Iterable<Digest> {
    for (const reducer of this.#list) yield* reducer.itemsIn?.(key, value) ?? []
  }
}
