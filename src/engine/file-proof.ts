import { parseFilePath, VarveError, type Digest } from '../model/index.ts'
import type { Files, Store } from '../repos/index.ts'
import { proveEntry, verifyEntry } from '../tree/index.ts'

/**
 * Shows, to somebody without the store, that a commit holds a file: the tree nodes from the root
 * of the commit's files down to the entry. Plain JSON.
 */
export interface FileProof {
  readonly varveProof: 1
  /** As asked for; not part of what is proven. */
  readonly commit: string
  /** Root of the commit's file tree: what the reader must know from elsewhere. */
  readonly root: Digest
  readonly path: string
  readonly digest: Digest
  readonly size: number
  readonly executable: boolean
  /** Tree nodes from the root down, base64; `docs/format/tree.md`. */
  readonly nodes: readonly string[]
}

export type ProofCheck =
  | { readonly valid: true; readonly root: Digest; readonly path: string; readonly digest: Digest }
  | { readonly valid: false; readonly reason: string }

/** @throws FILE_NOT_FOUND, also for a folder: only files are proven */
export async function proveFile(store: Store, commit: string, path: string): Promise<FileProof> {
  const { files: root } = store.commits.inspect(commit)
  const info = await store.files.inspect(commit, path)
  if (info.kind !== 'file') {
    throw new VarveError('FILE_NOT_FOUND', {
      what: `"${path}" in ${commit} is a directory; only files are proven.`,
      next: 'Name a file.',
      data: { path, commit },
    })
  }
  const { nodes } = await proveEntry(await store.content.loader(), root, parseFilePath(path))
  const { digest, size, executable } = info
  return {
    varveProof: 1,
    commit,
    root,
    path: info.path,
    digest,
    size,
    executable,
    nodes: nodes.map((bytes) => Buffer.from(bytes).toString('base64')),
  }
}

/** The tree's value of a file: 32 bytes of its digest and one of flags (bit 0: executable). */
const valueBytes = 33

/** `verifyProof` of the door. */
export function verifyProof(document: unknown): ProofCheck {
  if (!isProof(document)) return { valid: false, reason: 'it is not a proof of Varve' }
  const { root, path, digest, size, executable } = document
  const nodes = document.nodes.map((text) => Buffer.from(text, 'base64'))
  const result = verifyEntry(root, path, { nodes })
  if (result.kind === 'invalid') return { valid: false, reason: result.reason }
  if (result.kind === 'absent') return { valid: false, reason: `the tree does not hold "${path}"` }
  const { value, size: provenSize } = result.entry
  if (value.length !== valueBytes) return { valid: false, reason: `"${path}" is not a file` }
  const proven = Buffer.from(value.subarray(0, 32)).toString('hex')
  if (proven !== digest) return { valid: false, reason: `the tree has ${proven} for "${path}"` }
  if (provenSize !== size) return { valid: false, reason: `the tree says ${provenSize} bytes` }
  if (((value[32] ?? 0) & 1) !== (executable ? 1 : 0)) {
    return { valid: false, reason: 'the tree has another mode for it' }
  }
  return { valid: true, root, path, digest }
}

function isProof(value: unknown): value is FileProof {
  if (typeof value !== 'object' || value === null) return false
  const proof = value as Partial<Record<keyof FileProof, unknown>>
  return (
    proof.varveProof === 1 &&
    isDigestText(proof.root) &&
    isDigestText(proof.digest) &&
    typeof proof.path === 'string' &&
    typeof proof.size === 'number' &&
    typeof proof.executable === 'boolean' &&
    Array.isArray(proof.nodes) &&
    proof.nodes.every((node) => typeof node === 'string')
  )
}

function isDigestText(value: unknown): boolean {
  return typeof value === 'string' && /^[0-9a-f]{64}$/.test(value)
}

/** The files of commits, and proofs of them. */
export interface ProvableFiles extends Files {
  /** A proof that the commit holds this file, for `verifyProof`. */
  prove(commit: string, path: string): Promise<FileProof>
}
