import type { Digest, JsonObject } from '../model/index.ts'

/* ---- The spec: what the user asked for, after defaults, typed and in camelCase ---- */

/**
 * A pipeline as it is run: names of Pachyderm's spec in camelCase, every default filled in, durations
 * in milliseconds. A plain JSON value: it is stored, compared and printed as it is.
 */
export interface PipelineSpec {
  readonly name: string
  readonly project: string
  readonly description: string
  readonly transform: Transform
  readonly input: Input
  /** Workers at most; undefined means one for each core. */
  readonly parallelism: number | undefined
  readonly outputBranch: string
  readonly egressUrl: string | undefined
  readonly datumSetSpec: DatumSetSpec
  readonly datumTimeoutMs: number | undefined
  readonly jobTimeoutMs: number | undefined
  /** Tries in all, so 1 means no retry. */
  readonly datumTries: number
  readonly reprocessSpec: 'until_success' | 'every_job'
  readonly onFailure: 'fail' | 'continue'
  /** Whether results of earlier jobs, of any pipeline, may be used for equal datums. */
  readonly cache: boolean
  readonly autoscaling: boolean
  readonly resourceLimits: ResourceLimits
  readonly metadata: {
    readonly annotations: Readonly<Record<string, string>>
    readonly labels: Readonly<Record<string, string>>
  }
  /** Fields that mean something only on a cluster or in older versions, kept as they were written. */
  readonly ignored: Readonly<Record<string, unknown>>
}

export interface DatumSetSpec {
  readonly number: number | undefined
  readonly sizeBytes: number | undefined
  readonly perWorker: number | undefined
}

export interface ResourceLimits {
  /** Cores, fractions allowed. */
  readonly cpu: number | undefined
  readonly memoryBytes: number | undefined
  readonly diskBytes: number | undefined
}

export type Transform = CommandTransform | OperatorTransform | ProcessTransform

export interface CommandTransform {
  readonly kind: 'command'
  /** Undefined: the image says what to run. Never goes through a shell. */
  readonly cmd: readonly string[] | undefined
  readonly stdin: readonly string[] | undefined
  readonly errCmd: readonly string[] | undefined
  readonly errStdin: readonly string[] | undefined
  readonly acceptReturnCode: readonly number[]
  readonly env: Readonly<Record<string, string>>
  readonly secrets: readonly SecretSpec[]
  readonly image: string | undefined
  readonly dockerfile: string | undefined
  readonly user: string | undefined
  readonly workingDir: string | undefined
  readonly datumBatching: boolean
  /** Whether the command may use the network; off, so that results come from versioned inputs. */
  readonly network: boolean
}

export interface SecretSpec {
  readonly name: string
  readonly key: string | undefined
  readonly mountPath: string | undefined
  readonly envVar: string | undefined
}

export interface OperatorTransform {
  readonly kind: 'operator'
  readonly operator: string
  readonly params: JsonObject
}

/** A chain of operators over the samples of a datum. */
export interface ProcessTransform {
  readonly kind: 'process'
  readonly process: readonly ProcessStep[]
}

export interface ProcessStep {
  readonly operator: string
  readonly params: JsonObject
}

/* ---- Inputs ---- */

export type Input = LeafInput | CompositeInput
/** The inputs that read a repo. A cron input reads the repo its ticks are committed to. */
export type LeafInput = PfsInput | CronInput
export type CompositeInput = CrossInput | UnionInput | JoinInput | GroupInput

interface LeafFields {
  /** What the files are called under `/pfs`. */
  readonly name: string
  readonly project: string
  readonly repo: string
  readonly branch: string
  readonly glob: string
  readonly joinOn: string
  readonly outerJoin: boolean
  readonly groupBy: string
  readonly lazy: boolean
  readonly emptyFiles: boolean
  /** A changed content alone does not make the datum run again. */
  readonly reference: boolean
}

export interface PfsInput extends LeafFields {
  readonly kind: 'pfs'
  readonly repoType: 'user' | 'meta' | 'spec'
  /** False: new commits here start no job. */
  readonly propagate: boolean
  readonly trigger: Trigger | undefined
}

export interface CronInput extends LeafFields {
  readonly kind: 'cron'
  readonly spec: string
  readonly overwrite: boolean
  /** Milliseconds since the epoch; undefined means the pipeline's creation. */
  readonly startMs: number | undefined
}

export interface CrossInput {
  readonly kind: 'cross'
  readonly inputs: readonly Input[]
}
export interface UnionInput {
  readonly kind: 'union'
  readonly inputs: readonly Input[]
}
export interface JoinInput {
  readonly kind: 'join'
  readonly inputs: readonly Input[]
}
export interface GroupInput {
  readonly kind: 'group'
  readonly inputs: readonly Input[]
}

/** When a trigger branch moves to the head of `branch`. Conditions not given do not count. */
export interface Trigger {
  readonly branch: string
  /** True: all conditions must hold; false: any of them. */
  readonly all: boolean
  readonly sizeBytes: number | undefined
  readonly commits: number | undefined
  /** Cron text: at most one firing for each tick of it. */
  readonly rateLimitSpec: string | undefined
  readonly cronSpec: string | undefined
}

/* ---- Datums ---- */

/** One matched path of one input, inside one datum. */
export interface DatumInput {
  readonly name: string
  readonly project: string
  readonly repo: string
  readonly branch: string
  /** The matched file or directory, without leading slash; '' is the whole repo. */
  readonly path: string
  readonly joinOn: string
  readonly groupBy: string
  /** Digest of the file's bytes, or of the directory's subtree (as `TreePath.digest`). */
  readonly digest: Digest
  /** Commands see the bit. Undefined, never false: records and keys of plain files do not name it. */
  readonly executable: true | undefined
  readonly files: number
  readonly size: number
  readonly directory: boolean
  readonly lazy: boolean
  readonly emptyFiles: boolean
  readonly reference: boolean
}

/** The unit of work. `inputs` are sorted by name, repo, branch and path. */
export interface Datum {
  /** Names the datum across commits: no content takes part (`datumId`). */
  readonly id: Digest
  /** Equal exactly when id and all content that counts are equal (`datumContent`). */
  readonly content: Digest
  readonly inputs: readonly DatumInput[]
}

/* ---- The port to the files of a commit ---- */

/** A file or directory of a commit. */
export interface TreePath {
  /** Without leading slash; '' is the root. */
  readonly path: string
  readonly directory: boolean
  /**
   * A file: of its bytes. A directory: of the sorted paths relative to it with their digests and
   * which are executable, so that equal subtrees at different places are equal. A root may answer
   * with the tree's root digest.
   */
  readonly digest: Digest
  /** Of a file; a directory answers false. */
  readonly executable: boolean
  /** Files below; 1 for a file. */
  readonly files: number
  /** Bytes below. */
  readonly size: number
}

/** What the planner needs to know of a glob to walk a tree; made by `compileGlob`. */
export interface GlobPlan {
  readonly source: string
  /** Every matching path starts with this text. */
  readonly prefix: string
  /** Number of parts a matching path has; `maxDepth` is Infinity below `**`. The root has depth 0. */
  readonly minDepth: number
  readonly maxDepth: number
  /** Does this file or directory match? Paths have no leading slash; '' is the root. */
  matches(path: string): boolean
  /** The path itself and the directories above it (and the root) that match, shortest first. */
  matchingAncestors(path: string): readonly string[]
}

/** The files of one input at one commit. Implemented over trees; must not read file bytes. */
export interface InputView {
  /** Equal for equal trees, and only for those. */
  readonly rootDigest: Digest
  /**
   * Every file and every directory that matches, each once, in path order. A directory exists
   * while a file is below it; the root of an empty commit does not match. Batches of any size.
   */
  matches(glob: GlobPlan): AsyncIterable<readonly TreePath[]>
  /**
   * Answers in the order asked; undefined where neither file nor directory exists, and for the root
   * ('') of an empty commit.
   */
  contentOf(paths: readonly string[]): Promise<readonly (TreePath | undefined)[]>
}

/**
 * A file that differs between two commits: no `before` is an addition, no `after` a deletion. Equal
 * digests: only its executable bit differs.
 */
export interface FileChange {
  readonly path: string
  readonly before: Digest | undefined
  readonly after: Digest | undefined
}

/** One input at the base and at the new commit. */
export interface InputViewPair {
  readonly before: InputView
  readonly after: InputView
  /**
   * Each changed file once. Changes outside `prefix` (a text, not a directory) may be left out.
   * Must cost in proportion to the changes.
   */
  changes(prefix: string): AsyncIterable<readonly FileChange[]>
}

/* ---- The port to the keys of joins and groups ---- */

/** One matched path under the key it has in a join or group. */
export interface KeyIndexEntry {
  /** Place of the join or group in the input tree, as in "0.1"; "" is the top. */
  readonly node: string
  readonly key: string
  /** Position of the member in the join or group. */
  readonly member: number
  readonly path: string
}

export interface KeyIndexEdit extends KeyIndexEntry {
  readonly op: 'put' | 'delete'
}

export interface KeyIndexQuery {
  readonly node: string
  readonly key: string
  readonly member: number
  /** At most so many paths are wanted; Infinity for all. */
  readonly limit: number
}

/** The entries as of the base; the edits a plan emits bring them to the new commits. */
export interface KeyIndex {
  /** Paths in path order, answers in the order asked. */
  lookup(queries: readonly KeyIndexQuery[]): Promise<readonly (readonly string[])[]>
}

/* ---- Plans ---- */

export type PlanChange =
  | { readonly kind: 'add'; readonly datum: Datum }
  /** Same id, other content; `changed` names the inputs whose content differs. */
  | {
      readonly kind: 'change'
      readonly datum: Datum
      readonly changed: readonly ChangedInput[]
    }
  | { readonly kind: 'remove'; readonly id: Digest }

export interface ChangedInput {
  readonly name: string
  readonly path: string
}

/** A part of a plan. No id occurs twice in all batches of one plan. */
export interface PlanBatch {
  readonly changes: readonly PlanChange[]
  readonly indexEdits: readonly KeyIndexEdit[]
}
