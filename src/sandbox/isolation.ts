import type { Launch } from './launch.ts'
import type { SandboxKind, SessionTask } from './types.ts'

/** A task and the host folders that make up what it sees. */
export interface TaskView {
  readonly task: SessionTask
  /** Complete environment, in paths as the command sees them inside an isolated sandbox. */
  readonly env: Readonly<Record<string, string>>
  /** Host folder of the task: `pfs/` (with `out/`), `tmp/` and, for a session, `control/`. */
  readonly root: string
  /** Host folder behind `/pfs/out`. */
  readonly outDir: string
  /** Inputs that are host folders of their own; the others are real folders in `root/pfs`. */
  readonly inputDirs: ReadonlyMap<string, string>
  /** Host folder with programs we add at the end of PATH. */
  readonly binDir: string
  /** Host folder of a session's control pipes. */
  readonly controlDir?: string
}

/** One way to keep a command apart: turns a view into the command line that shows it. */
export interface Isolation {
  readonly kind: SandboxKind
  /** Helper processes alive beside the command, which its process limit must leave room for. */
  readonly extraProcesses: number
  /** Whether `user` of a task has an effect. */
  readonly changesUser: boolean
  /** Adapts text the command will read (stdin) to the paths it sees. */
  rewrite(text: string, view: Pick<TaskView, 'root' | 'task'>): string
  /** Where the command sees the folder of added programs. */
  binPath(binDir: string): string
  /** Where the command sees a session's control folder. */
  controlPath(controlDir: string): string
  /** Makes mount points or links in the task's folder. */
  prepare(view: TaskView): void
  launch(view: TaskView): Launch
}
