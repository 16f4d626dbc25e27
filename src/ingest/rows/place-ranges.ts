/** Places of rows that follow each other: the first, and the one after the last. */
export type PlaceRange = readonly [from: number, to: number]

/** What a list with more has in the gaps is not worth a record of many megabytes. */
const mostRanges = 100_000

/** Gathers places that come in their order; those that make no range any more are left out. */
export class PlaceRanges {
  readonly #ranges: [from: number, to: number][] = []

  add(place: number): void {
    const last = this.#ranges.at(-1)
    if (last?.[1] === place) last[1] = place + 1
    else if (this.#ranges.length < mostRanges) this.#ranges.push([place, place + 1])
  }

  all(): readonly PlaceRange[] {
    return this.#ranges
  }
}
