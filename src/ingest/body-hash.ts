import { hash, webcrypto } from 'node:crypto'

export type HashName = 'md5' | 'sha256' | 'sha512'

/** Below this, handing the bytes to another thread takes longer than hashing them. */
const worthHanding = 32 * 1024
const webNames = { sha256: 'SHA-256', sha512: 'SHA-512' } as const

/** In hex. Large bodies are hashed beside the thread that fetches and stores. */
export async function bodyHash(name: HashName, bytes: Uint8Array): Promise<string> {
  if (name === 'md5' || bytes.length < worthHanding) return hash(name, bytes, 'hex')
  return Buffer.from(await webcrypto.subtle.digest(webNames[name], bytes)).toString('hex')
}
