import { hash, webcrypto } from 'node:crypto'

export type HashName = 'md5' | 'sha256' | 'sha512'

/** Hashes bytes in shared memory beside the thread that fetches and stores; in hex. */
export interface BodyHasher {
  hash(name: HashName, bytes: Uint8Array): Promise<string>
}

/** Below this, handing the bytes to another thread takes longer than hashing them. */
const worthHanding = 32 * 1024
const webNames = { sha256: 'SHA-256', sha512: 'SHA-512' } as const

/** In hex. Large bodies are hashed beside this thread, where that can be. */
export async function bodyHash(
  name: HashName,
  bytes: Uint8Array,
  beside?: BodyHasher,
): Promise<string> {
  if (bytes.length < worthHanding) return hash(name, bytes, 'hex')
  if (isShared(bytes)) return beside?.hash(name, bytes) ?? hash(name, bytes, 'hex')
  if (name === 'md5') return hash(name, bytes, 'hex')
  return Buffer.from(await webcrypto.subtle.digest(webNames[name], bytes)).toString('hex')
}

function isShared(bytes: Uint8Array): bytes is Uint8Array<SharedArrayBuffer> {
  return bytes.buffer instanceof SharedArrayBuffer
}
