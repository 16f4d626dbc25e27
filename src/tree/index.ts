/** Room `tree`: Merkle search trees (prolly trees) from path to value, pure over a node loader. */
export { buildTree } from './build.ts'
export { cachedLoader } from './cached-loader.ts'
export { diffTrees } from './diff.ts'
export type { KeyRange } from './key-range.ts'
/** @public limits of the format */
export { MAX_KEY_BYTES, MAX_VALUE_BYTES } from './limits.ts'
export { listChildren, type ListOptions } from './list.ts'
export { mergeTrees, type MergeSides, type TreeMerge } from './merge.ts'
export { mutateTree } from './mutate.ts'
export { proveEntry, verifyEntry, type ProofResult, type TreeProof } from './proof.ts'
export { scanTree } from './scan.ts'
/** @public seek by number: sampling and cutting shards */
export { entryAt } from './seek.ts'
export { getEntries, hasPrefixes, totals } from './seek.ts'
export type {
  NodeLoader,
  NodeSink,
  TreeChange,
  TreeChild,
  TreeConflict,
  TreeEdit,
  TreeEntry,
  TreeTotals,
} from './types.ts'
/** @public what another store lacks: push and pull */
export { missingNodes } from './walk.ts'
export { walkNodes, type WalkedNode, type WalkOptions } from './walk.ts'
