import fc from 'fast-check'
import { expect, test } from 'vitest'
import { PlaceRanges } from './place-ranges.ts'

test('ranges hold the places that were added and no others, as few ranges as can be', () => {
  fc.assert(
    fc.property(fc.uniqueArray(fc.nat(200)), (any) => {
      const places = any.toSorted((a, b) => a - b)
      const ranges = new PlaceRanges()
      for (const place of places) ranges.add(place)
      const held = ranges
        .all()
        .flatMap(([from, to]) => Array.from({ length: to - from }, (_, at) => from + at))
      expect(held).toEqual(places)
      expect(ranges.all()).toHaveLength(places.filter((place) => !any.includes(place - 1)).length)
    }),
  )
})

test('of very many ranges the first are kept', () => {
  const ranges = new PlaceRanges()
  for (let place = 0; place < 300_000; place += 2) ranges.add(place)
  expect(ranges.all()).toHaveLength(100_000)
  expect(ranges.all().at(-1)).toEqual([199_998, 199_999])
})
