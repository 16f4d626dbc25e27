import { digestOf, VarveError, type Digest } from '../model/index.ts'
import type { NodeLoader, NodeSink } from './types.ts'

/** Nodes in memory, with counts of what was asked of them. */
export class MemoryNodes implements NodeLoader, NodeSink {
  readonly nodes: Map<Digest, Uint8Array> = new Map()
  loads = 0
  loaded = 0
  added = 0
  addedBytes = 0

  load(digests: readonly Digest[]): Promise<readonly Uint8Array[]> {
    this.loads++
    this.loaded += digests.length
    return Promise.resolve(digests.map((digest) => this.#get(digest)))
  }

  add(digest: Digest, bytes: Uint8Array): void {
    if (digestOf(bytes) !== digest) throw new Error(`node ${digest} does not hash to its name`)
    this.added++
    this.addedBytes += bytes.length
    this.nodes.set(digest, bytes)
  }

  #get(digest: Digest): Uint8Array {
    const bytes = this.nodes.get(digest)
    if (bytes !== undefined) return bytes
    throw new VarveError('STORE_DAMAGED', { what: `The tree node ${digest} is missing.` })
  }
}
