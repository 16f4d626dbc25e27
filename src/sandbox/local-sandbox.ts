import { rm } from 'node:fs/promises'
import { delimiter, join } from 'node:path'
import { removeCgroupRoots } from './cgroup.ts'
import { type OutputView, collectOutput } from './collect-output.ts'
import { abortedOutcome, runCommand, type RunnerParts } from './command-runner.ts'
import { Deadline } from './deadline.ts'
import { baseEnvironment, machinePath, makeBinDir } from './environment.ts'
import type { TaskView } from './isolation.ts'
import { makeControl, startSession } from './session.ts'
import { makeTaskFolder, outOf, writeInputs } from './task-folder.ts'
import { TaskFolders } from './task-folders.ts'
import type {
  CommandOutcome,
  CommandSession,
  CommandTask,
  Sandbox,
  SandboxKind,
  SessionTask,
  Turn,
} from './types.ts'

export interface LocalSandboxParts extends RunnerParts {
  readonly warnings: readonly string[]
  /** This sandbox's own folder; removed on close. */
  readonly folder: string
}

/** A sandbox on this machine: prepares a task's folder, runs it, collects its output, cleans up. */
export class LocalSandbox implements Sandbox {
  readonly kind: SandboxKind
  readonly warnings: readonly string[]
  readonly #parts: LocalSandboxParts
  readonly #folders: TaskFolders
  readonly #path: string
  readonly #closing = new AbortController()
  readonly #signals = new WeakMap<AbortSignal, AbortSignal>()
  readonly #running = new Set<Promise<unknown>>()

  constructor(parts: LocalSandboxParts) {
    this.#parts = parts
    this.#folders = new TaskFolders(parts.folder)
    this.kind = parts.isolation.kind
    this.warnings = parts.warnings
    const path = machinePath()
    const binDir = join(parts.folder, 'bin')
    makeBinDir(binDir, path)
    this.#path = `${path}${delimiter}${parts.isolation.binPath(binDir)}`
  }

  run(
    task: CommandTask,
    signal?: AbortSignal,
    turn: Turn = (work) => work(),
  ): Promise<CommandOutcome> {
    return this.#track(this.#run(task, this.#orClosing(signal), turn))
  }

  openSession(task: SessionTask, signal?: AbortSignal): Promise<CommandSession> {
    const root = this.#folders.next()
    makeTaskFolder(root)
    const controlDir = makeControl(root)
    const seenAs = this.#parts.isolation.controlPath(controlDir)
    const env = {
      PATH: `${seenAs}/bin${delimiter}${this.#path}`,
      ...task.env,
      VARVE_CONTROL: seenAs,
    }
    const view = this.#view({ ...task, env }, root, new Map())
    const session = startSession(this.#parts, { ...view, controlDir }, this.#orClosing(signal))
    void this.#track(session.closed)
    return Promise.resolve(session)
  }

  async close(): Promise<void> {
    this.#closing.abort()
    await Promise.allSettled(this.#running)
    await this.#parts.launchers.close()
    if (this.#parts.cgroups !== undefined) await removeCgroupRoots(this.#parts.cgroups)
    await rm(this.#parts.folder, { recursive: true, force: true })
  }

  async #run(task: CommandTask, signal: AbortSignal, turn: Turn): Promise<CommandOutcome> {
    if (signal.aborted) return abortedOutcome
    const root = this.#folders.take()
    try {
      const inputDirs = await writeInputs(root, task.inputs, this.kind !== 'plain')
      const view = this.#view(task, root, inputDirs)
      this.#parts.isolation.prepare(view)
      const deadline = new Deadline(task.limits?.wallMs)
      const outcome = await turn(() => runCommand(this.#parts, view, { signal, deadline }))
      const ended = withOutput(outcome, outputViewOf(view, task))
      if (ended.kind === 'exited' && ended.accepted) await task.takeOutput?.(ended.output)
      return ended
    } finally {
      await this.#folders.give(root, ['out', ...task.inputs.map(({ name }) => name)])
    }
  }

  #view(task: SessionTask, root: string, inputDirs: ReadonlyMap<string, string>): TaskView {
    const env = baseEnvironment(this.#path, task.env)
    const binDir = join(this.#parts.folder, 'bin')
    return { task, env, root, outDir: outOf(root), inputDirs, binDir }
  }

  /** Made once for each signal: a job passes the same one with every command. */
  #orClosing(signal: AbortSignal | undefined): AbortSignal {
    const closing = this.#closing.signal
    if (signal === undefined) return closing
    const either = this.#signals.get(signal) ?? AbortSignal.any([closing, signal])
    this.#signals.set(signal, either)
    return either
  }

  #track<T>(promise: Promise<T>): Promise<T> {
    this.#running.add(promise)
    const forget = (): boolean => this.#running.delete(promise)
    promise.then(forget, forget)
    return promise
  }
}

function outputViewOf(view: TaskView, task: CommandTask): OutputView {
  const inputs = new Map(view.inputDirs)
  for (const { name } of task.inputs) {
    if (!inputs.has(name)) inputs.set(name, join(view.root, 'pfs', name))
  }
  return { outDir: view.outDir, inputs, tmpDir: join(view.root, 'tmp'), root: view.root }
}

function withOutput(outcome: CommandOutcome, view: OutputView): CommandOutcome {
  if (outcome.kind !== 'exited' || !outcome.accepted) return outcome
  const collected = collectOutput(view)
  if (collected.kind === 'files') return { ...outcome, output: collected.files }
  const { usage, log } = outcome
  return { kind: 'bad-output', faults: collected.faults, usage, log }
}
