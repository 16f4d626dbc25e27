import { randomFillSync } from 'node:crypto'

/** Randomness enters as a value: ids, jitter and seeds come from here or from a test. */
export interface Random {
  /** 16 bytes as 32 lower-case hex digits with the version and variant bits of a UUIDv4. */
  uuidHex(): string
  /** A float in [0, 1). */
  fraction(): number
}

export const systemRandom: Random = {
  uuidHex: () => {
    const bytes = randomFillSync(Buffer.alloc(16))
    bytes[6] = ((bytes[6] ?? 0) & 0x0f) | 0x40
    bytes[8] = ((bytes[8] ?? 0) & 0x3f) | 0x80
    return bytes.toString('hex')
  },
  fraction: () => Math.random(),
}
