import type { Digest } from '../../model/index.ts'
import type { SegmentStore } from '../../segments/index.ts'
import type { NodeLoader, NodeSink } from '../../tree/index.ts'

/** Nodes written last are kept as they are: reading them back would force the segments to flush. */
const recentBytes = 8 * 1024 * 1024

/** Tree nodes in the segments, with the ones used last in memory. */
export class NodeStore {
  readonly #segments: SegmentStore
  readonly #recent = new Map<Digest, Uint8Array>()
  #bytes = 0
  #loader: Promise<NodeLoader> | undefined

  constructor(segments: SegmentStore) {
    this.#segments = segments
  }

  /** Decoded ones are kept, for everybody who asks here. */
  loader(): Promise<NodeLoader> {
    return (this.#loader ??= this.#openLoader())
  }

  /** Gathers the nodes `work` makes and adds them in one batch. */
  async write<T>(work: (sink: NodeSink) => Promise<T>): Promise<T> {
    const nodes = new Map<Digest, Uint8Array>()
    const result = await work({ add: (digest, bytes) => nodes.set(digest, bytes) })
    if (nodes.size > 0) await this.#segments.addNodes(nodes)
    for (const [digest, bytes] of nodes) this.#keep(digest, bytes)
    return result
  }

  async #openLoader(): Promise<NodeLoader> {
    const { cachedLoader } = await import('../../tree/index.ts')
    return cachedLoader({ load: (digests) => this.#load(digests) })
  }

  #keep(digest: Digest, bytes: Uint8Array): void {
    if (this.#recent.has(digest)) return
    this.#recent.set(digest, bytes)
    this.#bytes += bytes.length
    for (const [oldest, old] of this.#recent) {
      if (this.#bytes <= recentBytes) return
      this.#recent.delete(oldest)
      this.#bytes -= old.length
    }
  }

  async #load(digests: readonly Digest[]): Promise<readonly Uint8Array[]> {
    const missing = digests.filter((digest) => !this.#recent.has(digest))
    const read = missing.length === 0 ? [] : await this.#segments.read(missing)
    const loaded = new Map(missing.map((digest, i) => [digest, read[i]]))
    return digests.map(
      (digest) => this.#recent.get(digest) ?? loaded.get(digest) ?? new Uint8Array(),
    )
  }
}
