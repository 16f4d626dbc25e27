import { hash } from 'node:crypto'

/** SHA-256 of some bytes, as 64 lower-case hex digits: the name of an item. */
export type Digest = string & { readonly __brand: 'Digest' }

export function digestOf(bytes: Uint8Array | string): Digest {
  return hash('sha256', bytes, 'hex') as Digest
}

export function isDigest(text: string): text is Digest {
  return /^[0-9a-f]{64}$/.test(text)
}

export function digestToBytes(digest: Digest): Buffer {
  return Buffer.from(digest, 'hex')
}

export function digestFromBytes(bytes: Uint8Array): Digest {
  return Buffer.from(bytes.buffer, bytes.byteOffset, 32).toString('hex') as Digest
}
