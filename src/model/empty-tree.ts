import type { Digest } from './digest.ts'

/**
 * Root of the tree without entries: the digest of its node, which nobody needs to store or load
 * (`docs/format/tree.md`). Known here so that naming it takes no code of trees.
 */
export const EMPTY_TREE =
  '900ecfdddaca7121064298dd839c4b4adb6ecdfaba7ee4179f27dec8b3445ab2' as Digest
