import { describe, expect, test } from 'vitest'
import type { DatumToRun } from './datum-runner.ts'
import { commandSets } from './datum-sets.ts'

const datum = (size: number): DatumToRun =>
  ({ datum: { inputs: [{ size }] }, why: { kind: 'new' } }) as unknown as DatumToRun

const sizes = (spec: object, of: readonly number[]): number[][] => {
  const given = { number: undefined, sizeBytes: undefined, perWorker: undefined, ...spec }
  return [...commandSets(of.map(datum), given, 2)].map((set) =>
    set.map((each) => each.datum.inputs[0]?.size ?? 0),
  )
}

describe('datum sets', () => {
  test('hold one datum where the spec says nothing', () => {
    expect(sizes({}, [1, 2, 3])).toEqual([[1], [2], [3]])
  })
  test('hold a number of datums', () => {
    expect(sizes({ number: 2 }, [1, 2, 3])).toEqual([[1, 2], [3]])
  })
  test('hold bytes up to a size, and a larger datum alone', () => {
    expect(sizes({ sizeBytes: 5 }, [2, 3, 9, 1])).toEqual([[2, 3], [9], [1]])
  })
  test('divide what there is among the workers', () => {
    expect(sizes({ perWorker: 1 }, [1, 2, 3, 4, 5])).toEqual([
      [1, 2, 3],
      [4, 5],
    ])
    expect(sizes({ perWorker: 9 }, [1, 2])).toEqual([[1], [2]])
  })
})
