/** Room `tree`: Merkle search trees (prolly trees) from path to value, pure over a node loader. */
export { buildTree } from './build.ts'
export { mutateTree } from './mutate.ts'
export { EMPTY_TREE } from './node-format.ts'
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
