import type { Digest } from '../model/index.ts'
import type { IndexedItem, IndexedPlace } from './item-index.ts'

/** Items written to segments and not yet published to the index. */
export class PendingItems {
  readonly #places = new Map<Digest, IndexedPlace>()

  get size(): number {
    return this.#places.size
  }

  get(digest: Digest): IndexedPlace | undefined {
    return this.#places.get(digest)
  }

  set(digest: Digest, place: IndexedPlace): void {
    this.#places.set(digest, place)
  }

  list(): IndexedItem[] {
    return Array.from(this.#places, ([digest, { segment, offset, length }]) => ({
      digest,
      segment,
      offset,
      length,
    }))
  }

  clear(): void {
    this.#places.clear()
  }
}
