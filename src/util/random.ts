import { randomUUID } from 'node:crypto'

/** Randomness enters as a value: ids, jitter and seeds come from here or from a test. */
export interface Random {
  /** 16 bytes as 32 lower-case hex digits with the version and variant bits of a UUIDv4. */
  uuidHex(): string
  /** A float in [0, 1). */
  fraction(): number
}

export const systemRandom: Random = {
  uuidHex: () => randomUUID().replaceAll('-', ''),
  fraction: () => Math.random(),
}
