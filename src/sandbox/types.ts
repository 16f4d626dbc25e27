import type { Clock, Random } from '../util/index.ts'

/** How commands are kept apart from the machine; see docs/sandbox.md for what each one isolates. */
export type SandboxKind = 'bwrap' | 'unshare' | 'plain'

export interface SandboxOptions {
  /** `auto` takes the first that works in a real trial: bwrap, unshare, plain. */
  readonly mode: SandboxKind | 'auto'
  /** Folder for private working files; made when absent. Every task removes what it put there. */
  readonly scratch: string
  readonly clock: Clock
  readonly random: Random
}

/** Runs commands under the `/pfs` contract. Knows nothing of storage, datums or pipelines. */
export interface Sandbox {
  readonly kind: SandboxKind
  /** What a user should be told once, for example that commands are not isolated and why. */
  readonly warnings: readonly string[]
  /**
   * Runs one command to its end. Whatever the command does is an outcome; the promise rejects only
   * when this machine refuses (scratch not writable, no shell). Concurrency is the caller's choice:
   * inputs are written and outputs listed outside of `turn`, so that nobody waits for them.
   */
  run(task: CommandTask, signal?: AbortSignal, turn?: Turn): Promise<CommandOutcome>
  /**
   * Starts a command that asks for its work piece by piece with `pachctl next datum`
   * (`datum_batching`). Each piece brings its own inputs.
   */
  openSession(task: SessionTask, signal?: AbortSignal): Promise<CommandSession>
  /** Ends what still runs and removes the scratch files of this sandbox. */
  close(): Promise<void>
}

/** Calls back when a command may start, and counts it as running until the answer resolves. */
export type Turn = <T>(work: () => Promise<T>) => Promise<T>

export interface CommandTask extends SessionTask, Work {
  /**
   * Called with what an accepted command wrote. The files are removed when the promise resolves;
   * `run` waits for it and rejects as it does.
   */
  readonly takeOutput?: (output: readonly OutputFile[]) => Promise<void>
}

export interface SessionTask {
  /** Program and arguments; not passed through a shell. */
  readonly argv: readonly [string, ...string[]]
  /** Lines fed to the program, joined with `\n` and ended by one; empty input when left out. */
  readonly stdin?: readonly string[]
  /** Added to a small fixed environment (PATH, HOME, LANG, TMPDIR). */
  readonly env: Readonly<Record<string, string>>
  /** Default `/`. In plain mode `/` is the task's own folder, which holds `pfs` and `tmp`. */
  readonly workingDir?: string
  /** User name or numeric id to run as; where it cannot be followed the log says so. */
  readonly user?: string
  readonly limits?: CommandLimits
  /** Default false. Plain mode cannot withhold the network. */
  readonly network?: boolean
  /** Host files or folders shown at an absolute path; in plain mode they are linked beside `pfs`. */
  readonly extraMounts?: readonly ExtraMount[]
  /** Exit codes besides 0 that count as success. */
  readonly acceptReturnCodes?: readonly number[]
}

interface Work {
  /** What is to be seen under `/pfs`, beside the empty folder `/pfs/out`. */
  readonly inputs: readonly TaskInput[]
  /** Added to the environment; for a session it appears in `/pfs/.env`. */
  readonly env: Readonly<Record<string, string>>
}

/** One piece of work of a session. */
export interface WorkPiece extends Work {
  /** Existing, empty host folder on the scratch file system, for what the piece leaves in `/pfs/out`. */
  readonly outDir: string
}

/** An input shown read-only at `/pfs/<name>`: a prepared host folder, or files to be written. */
export type TaskInput =
  | { readonly name: string; readonly dir: string }
  | { readonly name: string; readonly files: readonly InputFile[] }

export interface InputFile {
  /** Relative path below `/pfs/<name>`. */
  readonly path: string
  /** The bytes, a host file to copy, or a function that writes the file at the path given. */
  readonly content: Uint8Array | { readonly hostFile: string } | InputWriter
}

export type InputWriter = (hostPath: string) => Promise<void>

export interface ExtraMount {
  readonly hostPath: string
  /** Absolute path as the command sees it. */
  readonly path: string
  readonly writable?: boolean
}

/** What a command may use; what is left out is not limited. */
export interface CommandLimits {
  /** In a session: of each piece, the first with the start of the command. */
  readonly wallMs?: number
  /** Memory of the whole process tree where cgroups are writable, else data size per process. */
  readonly memoryBytes?: number
  /** CPU seconds per process. */
  readonly cpuSeconds?: number
  /** Processes and threads alive at once; not enforced for root without cgroups. */
  readonly processes?: number
  /** Bytes of all files in `/pfs/out` and the private `/tmp` together; also of any single file. */
  readonly outputBytes?: number
}

export type LimitName = 'memory' | 'cpu' | 'processes' | 'output'

export interface CommandUsage {
  readonly wallMs: number
  /** Peak memory of the process tree; known only where cgroups are writable. */
  readonly peakBytes?: number
}

/** Standard output and error in order of arrival. */
export interface CommandLog {
  /** UTF-8, bad bytes replaced. Head and tail are kept when it was too long. */
  readonly text: string
  /** Bytes left out between head and tail; the text says so at that place. */
  readonly omittedBytes: number
}

interface Ended {
  readonly usage: CommandUsage
  readonly log: CommandLog
}

export type CommandOutcome =
  | (Ended & {
      readonly kind: 'exited'
      /** True when the code is 0 or listed in `acceptReturnCodes`. */
      readonly accepted: boolean
      readonly code: number
      /** Set when the code says that a signal ended the program (128 + number). */
      readonly signal?: string
      /** What was written, sorted by path; empty when not accepted. See `takeOutput`. */
      readonly output: readonly OutputFile[]
    })
  | (Ended & { readonly kind: 'bad-output'; readonly faults: readonly string[] })
  | (Ended & { readonly kind: 'timeout'; readonly allowedMs: number })
  | (Ended & { readonly kind: 'limit'; readonly limit: LimitName; readonly allowed: number })
  | (Ended & { readonly kind: 'not-found'; readonly program: string })
  | (Ended & { readonly kind: 'aborted' })

/** One file of `/pfs/out`: content in a host file, or the same as an input's file. */
export type OutputFile =
  | {
      readonly kind: 'file'
      readonly path: string
      readonly hostFile: string
      readonly size: number
    }
  | {
      readonly kind: 'input'
      readonly path: string
      readonly input: string
      readonly inputPath: string
    }

/**
 * A command that is kept alive over many pieces of work. One `next` at a time. When the command
 * ends by itself, times out or is killed, the piece in hand gets `ended` and the session is over.
 */
export interface CommandSession {
  next(piece: WorkPiece): Promise<PieceOutcome>
  /** Tells the command that there is no more work, waits for its end and cleans up. */
  finish(): Promise<CommandOutcome>
}

export type PieceOutcome =
  /** `log` is what the command wrote since the piece before. */
  | { readonly kind: 'done'; readonly output: readonly OutputFile[]; readonly log: CommandLog }
  /** `pachctl next datum --error MESSAGE`, or output that cannot be taken. */
  | { readonly kind: 'failed'; readonly message: string; readonly log: CommandLog }
  | { readonly kind: 'ended'; readonly outcome: CommandOutcome }
