import { createHash } from 'node:crypto'
import { existsSync } from 'node:fs'
import { tmpdir } from 'node:os'
import type { Clock, Random } from '../../src/util/index.ts'

/** The seed of every random choice of these tests; printed with a failure, set to run it again. */
export const seed = Number(process.env['VARVE_TEST_SEED'] ?? 20_260_101)

/** Random numbers that a seed and a label decide. */
export function seededRandom(label: string, from: number = seed): Random {
  let count = 0
  const next = () => createHash('sha256').update(`${from}/${label}/${count++}`).digest()
  return {
    uuidHex: () => {
      const bytes = next().subarray(0, 16)
      bytes[6] = ((bytes[6] ?? 0) & 0x0f) | 0x40
      bytes[8] = ((bytes[8] ?? 0) & 0x3f) | 0x80
      return bytes.toString('hex')
    },
    fraction: () => next().readUInt32LE() / 2 ** 32,
  }
}

/** One second later at every look. */
export function steppingClock(): Clock {
  let now = 1_700_000_000_000
  return { now: () => (now += 1000) }
}

/** A whole number from 0 up to, not including, `end`. */
export function below(random: Random, end: number): number {
  return Math.floor(random.fraction() * end)
}

/** A folder in memory where the system has one: thousands of small databases are opened there. */
export function fastFolder(): string {
  return existsSync('/dev/shm') ? '/dev/shm' : tmpdir()
}
