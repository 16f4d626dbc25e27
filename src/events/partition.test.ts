import { expect, test } from 'vitest'
import { byPartition, partitionOf } from './partition.ts'

test('the partition of a key is part of the format', () => {
  const keys = ['', 'a', 'https://example.org/1.jpg', 'ü€😀']
  expect(keys.map((key) => partitionOf(key, 16))).toEqual([11, 3, 13, 13])
})

test('keys that differ in one digit are spread evenly', () => {
  const counts = Array.from({ length: 16 }, () => 0)
  for (let n = 0; n < 16_000; n += 1) {
    const partition = partitionOf(`https://example.org/photo-${n}.jpg`, 16)
    counts[partition] = (counts[partition] ?? 0) + 1
  }
  expect(Math.min(...counts)).toBeGreaterThan(850)
  expect(Math.max(...counts)).toBeLessThan(1150)
})

test('messages without a key go round from the turn given', () => {
  const dealt = byPartition([{}, {}, {}], 16, 31)
  expect([...dealt.keys()]).toEqual([15, 0, 1])
})
