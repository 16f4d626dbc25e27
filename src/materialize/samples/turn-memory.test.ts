import { expect, test } from 'vitest'
import { TurnMemory } from './turn-memory.ts'

const areOneMemory = (a: Uint8Array, b: Uint8Array): boolean =>
  a.buffer === b.buffer && a.byteOffset === b.byteOffset

test('a turn uses the memory of the turn before the last, and leaves that of the last alone', () => {
  const memory = new TurnMemory(100)
  const [first, second, third] = [1, 2, 3].map(() => {
    memory.turn()
    return memory.take(60).fill(1)
  })
  if (first === undefined || second === undefined || third === undefined) throw new Error('no turn')
  expect(areOneMemory(first, third)).toBe(true)
  expect(areOneMemory(first, second)).toBe(false)
})

test('what is taken in one turn lies apart, also beyond the size of a turn', () => {
  const memory = new TurnMemory(100)
  memory.turn()
  const taken = [50, 50, 1, 500].map((size, at) => memory.take(size).fill(at))
  for (const [at, bytes] of taken.entries()) expect(new Set(bytes)).toEqual(new Set([at]))
  expect(taken.map(({ length }) => length)).toEqual([50, 50, 1, 500])
})
