import { digestFromBytes, digestToBytes, type Digest } from '../../model/index.ts'
import type { TreeEntry } from '../../tree/index.ts'
import { invariant } from '../../util/index.ts'
import type { FileInfo } from '../types/files.ts'

type File = Extract<FileInfo, { readonly kind: 'file' }>

const executableFlag = 1

/** A file tree's value: 32 bytes of the item's digest, then one byte of flags (bit 0: executable). */
export function encodeFileValue(digest: Digest, executable: boolean): Uint8Array {
  const value = Buffer.alloc(33)
  digestToBytes(digest).copy(value)
  value[32] = executable ? executableFlag : 0
  return value
}

export function fileOf({ key, value, size }: TreeEntry): File {
  invariant(value.length === 33, `a file tree holds a value of ${value.length} bytes`)
  const executable = ((value[32] ?? 0) & executableFlag) !== 0
  return { kind: 'file', path: key, digest: digestFromBytes(value), size, executable }
}

/** Extension for the item's TAR member: the file name's, when it is plain ASCII. */
export function extensionOf(path: string): string | undefined {
  return /[^/]\.([A-Za-z0-9]{1,16})$/.exec(path)?.[1]?.toLowerCase()
}
