import type { PartitionBounds, StoredMessage, TopicLog } from './topic-log.ts'

interface Place {
  readonly partition: number
  /** The last offset read. */
  position: number
  /** Read and not yet taken: stored batches are decoded whole. */
  ahead: readonly StoredMessage[]
  taken: number
}

const ready = (place: Place): number => place.ahead.length - place.taken

/** Takes messages from several partitions in fair turns. */
export class TopicReader {
  readonly #log: TopicLog
  readonly #places = new Map<number, Place>()
  #turn = 0

  constructor(log: TopicLog) {
    this.#log = log
  }

  /** Reads this partition too, from after an offset on. */
  add(partition: number, offset: number): void {
    this.#places.set(partition, { partition, position: offset, ahead: [], taken: 0 })
  }

  remove(partition: number): void {
    this.#places.delete(partition)
  }

  /** Up to `max` messages, none of them from partitions that are `paused`. */
  take(max: number, paused: ReadonlySet<number> = new Set()): readonly StoredMessage[] {
    const found: StoredMessage[] = []
    const bounds = this.#log.bounds()
    let open = this.#inTurn().filter((place) => !paused.has(place.partition))
    while (open.length > 0 && found.length < max) {
      const share = Math.ceil((max - found.length) / open.length)
      open = open.filter((place) => {
        const more = this.#fill(place, bounds[place.partition], share)
        const end = Math.min(place.taken + share, place.taken + max - found.length)
        const some = place.ahead.slice(place.taken, end)
        for (const message of some) found.push(message)
        place.taken += some.length
        return more || ready(place) > 0
      })
    }
    return found
  }

  /** Whether there may be more to read than lies ready now. */
  #fill(place: Place, bounds: PartitionBounds | undefined, share: number): boolean {
    const { trimmed, last } = bounds ?? { trimmed: 0, last: 0 }
    place.position = Math.max(place.position, trimmed)
    const lacking = share - ready(place)
    if (lacking <= 0 || place.position >= last) return place.position < last
    const more = this.#log.read(place.partition, place.position, lacking)
    if (more.length === 0) return false
    place.ahead = ready(place) === 0 ? more : [...place.ahead.slice(place.taken), ...more]
    place.taken = 0
    place.position = more.at(-1)?.offset ?? place.position
    return place.position < last
  }

  /** Begins with another partition each time, so that a small `max` starves none. */
  #inTurn(): readonly Place[] {
    const places = [...this.#places.values()]
    const first = this.#turn++ % Math.max(1, places.length)
    return [...places.slice(first), ...places.slice(0, first)]
  }
}
