import { promisify } from 'node:util'
import zlib from 'node:zlib'
import { messageOf, systemCode } from '../../util/index.ts'

type Decode = (bytes: Uint8Array, options: { maxOutputLength: number }) => Promise<Uint8Array>

export type Decoded =
  | { readonly kind: 'decoded'; readonly bytes: Uint8Array }
  | { readonly kind: 'refused'; readonly error: string }

const inflate: Decode = promisify(zlib.inflate)
const inflateRaw: Decode = promisify(zlib.inflateRaw)
const gunzip: Decode = promisify(zlib.gunzip)

const decoders: Readonly<Record<string, Decode>> = {
  gzip: gunzip,
  'x-gzip': gunzip,
  // Servers send both the format of RFC 1950 and bare deflate under this name.
  deflate: (bytes, options) => (hasZlibHeader(bytes) ? inflate : inflateRaw)(bytes, options),
  br: promisify(zlib.brotliDecompress),
}

// Not zstd: Node 22 takes a body that was cut for a whole one.
export const acceptedEncodings = 'gzip, deflate, br'

/** Nobody encodes more often in earnest; a chain of them is a bomb. */
const longestChain = 2
/** Text shrinks to a tenth; what grows a hundredfold, beyond a size that harms nobody, is a bomb. */
const greatestRatio = 100
const harmlessBytes = 16 * 1024 * 1024

/**
 * Character sets, media types and the like that servers write where encodings belong; the bytes are as
 * they are, and browsers take them so. `aws-chunked` is what S3 keeps of an upload.
 */
const noEncoding = /^(|identity|none|null|binary|[78]bit|utf-?8|iso-8859-1|aws-chunked|\w+\/.*)$/

/** The encodings of a `Content-Encoding` header, in the order they were applied. */
export function encodingsOf(header: string | undefined): readonly string[] {
  if (header === undefined) return []
  const names = header.split(',').map((name) => name.trim().toLowerCase())
  return names.filter((name) => !noEncoding.test(name))
}

/** Undoes the encodings of a whole body. The result is `maxBytes` long at most. */
export async function decodeBody(
  bytes: Uint8Array,
  encodings: readonly string[],
  maxBytes: number,
): Promise<Decoded> {
  if (encodings.length > longestChain) return unsupported(encodings.join(', '))
  const limit = Math.min(maxBytes, Math.max(harmlessBytes, bytes.length * greatestRatio))
  let current = bytes
  for (const encoding of encodings.toReversed()) {
    const decode = decoders[encoding]
    if (decode === undefined) return unsupported(encoding)
    if (current.length === 0) break
    try {
      current = await decode(current, { maxOutputLength: limit })
    } catch (error) {
      return { kind: 'refused', error: decodeError(error, encoding, limit) }
    }
  }
  return { kind: 'decoded', bytes: current }
}

function unsupported(encodings: string): Decoded {
  return { kind: 'refused', error: `unsupported content encoding: ${encodings.slice(0, 100)}` }
}

function decodeError(error: unknown, encoding: string, limit: number): string {
  if (systemCode(error) === 'ERR_BUFFER_TOO_LARGE') {
    return `body larger than ${limit} bytes when decompressed`
  }
  const reason = messageOf(error)
  return `invalid ${encoding} body: ${reason}`
}

function hasZlibHeader(bytes: Uint8Array): boolean {
  const [first = 0, second = 0] = bytes
  return (first & 0x0f) === 8 && ((first << 8) | second) % 31 === 0
}
