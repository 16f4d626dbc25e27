import type { Digest } from '../model/index.ts'
import { invariant } from '../util/index.ts'
import type { DecodedNodeLoader } from './node-loader.ts'
import { decodeNode, type TreeNode } from './node-reader.ts'
import type { NodeLoader } from './types.ts'

/**
 * Keeps the nodes used last, decoded, up to `maxBytes` of node bytes. Nodes never change, so
 * nothing is ever stale. One cache may serve all readers of a store.
 */
export function cachedLoader(
  source: NodeLoader,
  { maxBytes = 32 * 1024 * 1024 }: { readonly maxBytes?: number } = {},
): NodeLoader {
  return new CachedLoader(source, maxBytes)
}

class CachedLoader implements DecodedNodeLoader {
  readonly #source: NodeLoader
  readonly #maxBytes: number
  /** In order of use, the oldest first. */
  readonly #nodes = new Map<Digest, TreeNode>()
  #bytes = 0

  constructor(source: NodeLoader, maxBytes: number) {
    this.#source = source
    this.#maxBytes = maxBytes
  }

  async load(digests: readonly Digest[]): Promise<readonly Uint8Array[]> {
    return (await this.loadDecoded(digests)).map((node) => node.bytes)
  }

  async loadDecoded(digests: readonly Digest[]): Promise<readonly TreeNode[]> {
    const found = new Map<Digest, TreeNode>()
    const missing = new Set<Digest>()
    for (const digest of digests) {
      const node = this.#nodes.get(digest)
      if (node === undefined) missing.add(digest)
      else found.set(digest, node)
    }
    const wanted = [...missing]
    const loaded = wanted.length === 0 ? [] : await this.#source.load(wanted)
    wanted.forEach((digest, i) => found.set(digest, decodeNode(digest, bytesOf(loaded, i))))
    for (const node of found.values()) this.#use(node)
    this.#evict()
    return digests.map((digest) => nodeOf(found, digest))
  }

  #use(node: TreeNode): void {
    if (!this.#nodes.delete(node.digest)) this.#bytes += node.bytes.length
    this.#nodes.set(node.digest, node)
  }

  #evict(): void {
    for (const [digest, node] of this.#nodes) {
      if (this.#bytes <= this.#maxBytes) return
      this.#nodes.delete(digest)
      this.#bytes -= node.bytes.length
    }
  }
}

function bytesOf(loaded: readonly Uint8Array[], index: number): Uint8Array {
  const bytes = loaded[index]
  invariant(bytes !== undefined, 'a loader answered with too few nodes')
  return bytes
}

function nodeOf(nodes: ReadonlyMap<Digest, TreeNode>, digest: Digest): TreeNode {
  const node = nodes.get(digest)
  invariant(node !== undefined, 'a loaded node was lost')
  return node
}
