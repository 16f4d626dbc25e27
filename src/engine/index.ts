/** Room `engine`: the library. Opens a project, names every adapter, and offers all of it typed. */
export type { ApplyOptions, AppliedChange, ApplyReport } from './apply.ts'
export type { CommitDraft, CommitOptions } from './commit-draft.ts'
export type { Check } from './check.ts'
export type { FileProof, ProofCheck, ProvableFiles } from './file-proof.ts'
export type { InitReport, InitRequest, Template } from './init.ts'
export type { DatumNouns, DatumQuery, JobNouns, JobQuery, SelectedDatum } from './job-nouns.ts'
export type { ReindexReport, RepairReport } from './maintain.ts'
export {
  downloadInto,
  examine,
  initProject,
  operatorCatalogue,
  readSpecSources,
  reindexStore,
  repairStore,
  templates,
  verifyProof,
  watchProject,
} from './on-demand.ts'
export { openVarve, type OpenOptions } from './open.ts'
export type { ChangeOptions, PipelineNouns } from './pipeline-nouns.ts'
export { openInTurn } from './open-in-turn.ts'
export type { RepoHandle } from './repo-handle.ts'
export type { CommitPath, Saved } from './save-files.ts'
export type { SecretInfo, Secrets } from './secrets.ts'
export type { Settings } from './settings.ts'
export type { Spooled } from './spool.ts'
export type {
  GarbageReport,
  GcOptions,
  MaterializeRequest,
  StreamRequest,
  StreamTarRequest,
  Varve,
} from './varve.ts'
export type { DownloadProgress, DownloadReport, DownloadRequest } from './download/request.ts'
export type { EnqueueListRequest, IngestNouns, IngestReport, ServeRequest } from './ingest.ts'
export type {
  FetcherOptions,
  ImageOptions,
  RowInfo,
  RowQuery,
  RowStatus,
  ServiceProgress,
} from '../ingest/index.ts'
export { rowStatuses } from '../ingest/index.ts'
export type {
  MaterializeProgress,
  MaterializeReport,
  StreamedSample,
} from '../materialize/index.ts'
export type {
  CheckedSpecs,
  DueRequest,
  Graph,
  GraphNode,
  HistoryFilter,
  LogLine,
  LogQuery,
  OpenMode,
  PipelineChange,
  PipelineChanges,
  RunRequest,
  SpecSource,
  Status,
  WaitRequest,
} from './values.ts'
export type { WatchProjectRequest } from './watch-project.ts'
export type {
  CacheLimits,
  CacheTrim,
  DatumInfo,
  Explanation,
  JobInfo,
  JobPlan,
  JobState,
  PipelineInfo,
  PlannedDatum,
  RunEvent,
  RunReason,
} from '../jobs/index.ts'
export type { OperatorDescription } from '../operators/index.ts'
export type { Input, PipelineSpec, Transform } from '../pipelines/index.ts'
export type {
  BatchInfo,
  BatchRequest,
  BranchChange,
  BranchInfo,
  BranchInput,
  CommitInfo,
  FileDiff,
  FileInfo,
  FileSource,
  ProjectInfo,
  Rehearsal,
  RepoInfo,
  RepoKey,
  RepoType,
  TagInfo,
} from '../repos/index.ts'
