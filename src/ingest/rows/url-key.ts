import { hash } from 'node:crypto'

/** The first 16 bytes of the URL's SHA-256: two URLs are one row when these are equal. */
export function urlKey(url: string): Uint8Array {
  return hash('sha256', url, 'buffer').subarray(0, 16)
}
