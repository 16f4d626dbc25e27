/** Room `repos`: the versioned store. Repos, branches, commits, files, and the catalog they live in. */
export { CatalogDb } from './catalog/catalog-db.ts'
export { checkCatalogFile } from './catalog/catalog-file.ts'
export { folderSources } from './files/folder-source.ts'
export { naming, streamLocal } from './files/local-file.ts'
export { tarSources } from './files/tar-source.ts'
export { knownCommits, type KnownCommit } from './maintenance/known-commits.ts'
export { repoKey, showRepo } from './names/repo-key.ts'
export { openStore } from './store.ts'
export type { CatalogOp, CatalogReducer, LiveRoot, StoreEvent } from './types/catalog.ts'
export type { Content, NewOutput } from './types/content.ts'
export type {
  CopySource,
  DiffOptions,
  FileDiff,
  FileEdit,
  FileInfo,
  Files,
  FileSource,
  FileSources,
  MergeConflict,
  MergeOptions,
  MergeOutcome,
  PathMatcher,
  WriteOptions,
} from './types/files.ts'
export type { FsckFault, FsckReport, GcReport, Maintenance } from './types/maintenance.ts'
export type {
  AutoResult,
  BranchChange,
  Branches,
  CommitFilter,
  Commits,
  CommitStart,
  Projects,
  Repos,
  Tags,
} from './types/nouns.ts'
export type {
  Batches,
  BatchInfo,
  BatchRequest,
  Store,
  StoreOptions,
  SubscribeOptions,
} from './types/store.ts'
export type { Propagation } from './types/propagation.ts'
export type { Nouns, Rehearsal, StoreTx } from './types/transaction.ts'
export type {
  BranchInfo,
  BranchInput,
  BranchKey,
  BranchTrigger,
  CommitInfo,
  CommitKey,
  CommitOrigin,
  CommitRef,
  CommitSet,
  ProjectInfo,
  RepoInfo,
  RepoKey,
  RepoRef,
  RepoType,
  TagInfo,
} from './types/values.ts'
