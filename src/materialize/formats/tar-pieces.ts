import { memberLayout, writeTarHeader } from './tar-header.ts'

export interface TarMember {
  readonly name: string
  readonly bytes: Uint8Array
}

/** Payloads up to this size are copied beside their header: cheaper than one more vector to write. */
const copiedBytes = 8 << 10

/**
 * Whole members as few pieces of bytes in order, ready for one `writev`. Large payloads are pieces
 * themselves and are not copied.
 */
export function tarPieces(members: readonly TarMember[]): Uint8Array[] {
  const frame = Buffer.alloc(members.reduce((sum, member) => sum + frameBytes(member), 0))
  const pieces: Uint8Array[] = []
  let from = 0
  let at = 0
  for (const { name, bytes } of members) {
    at = writeTarHeader(frame, at, { name, size: bytes.length })
    if (bytes.length <= copiedBytes) {
      frame.set(bytes, at)
      at += bytes.length
    } else {
      pieces.push(frame.subarray(from, at), bytes)
      from = at
    }
    at += memberLayout(name, bytes.length).padding
  }
  if (at > from) pieces.push(frame.subarray(from, at))
  return pieces
}

function frameBytes({ name, bytes }: TarMember): number {
  const { header, padding } = memberLayout(name, bytes.length)
  return header + padding + (bytes.length <= copiedBytes ? bytes.length : 0)
}
