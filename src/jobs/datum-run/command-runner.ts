import { join } from 'node:path'
import type { Slots } from '../../executors/index.ts'
import type { CommandTransform, Datum, PipelineSpec } from '../../pipelines/index.ts'
import type { Content, RepoKey } from '../../repos/index.ts'
import type {
  CommandOutcome,
  CommandTask,
  SessionTask,
  TaskInput,
  Turn,
} from '../../sandbox/index.ts'
import type { Clock, Random } from '../../util/index.ts'
import type { Machine } from './machine.ts'
import type { JobInfo } from '../types.ts'
import { backoffMs, pause } from './backoff.ts'
import { CommandInputs } from './command-inputs.ts'
import { storeOutputs, type StoredOutputs } from './command-outputs.ts'
import { commandTask } from './command-task.ts'
import { datumEnv } from './datum-env.ts'
import type { RootOf } from './datum-files.ts'
import { commandSets, inTurn } from './datum-sets.ts'
import type { DatumEnd, DatumRunner, DatumToRun, OnDatumEnd } from './datum-runner.ts'
import { JobFolder } from './job-folder.ts'
import { InFlight } from './in-flight.ts'
import { faultOf, withLastWords } from './outcome-text.ts'
import { recover } from './recovery.ts'

export interface CommandRunnerOptions {
  readonly content: Content
  readonly spec: PipelineSpec
  readonly transform: CommandTransform
  readonly repo: RepoKey
  readonly job: JobInfo
  readonly rootOf: RootOf
  readonly machine: Machine
  readonly clock: Clock
  readonly random: Random
  readonly signal: AbortSignal
  readonly slots: Slots
  /** How many datums of this job at a time. */
  readonly width: number
  readonly onEnd: OnDatumEnd
}

/** Sets in flight beside those whose commands run: one is being prepared, one is being stored. */
const ahead = 2

/**
 * Runs the command of a pipeline once for each datum, with tries, in the sandbox. A command takes a
 * slot only while it runs.
 */
export function commandRunner(options: CommandRunnerOptions): DatumRunner {
  const { spec, transform, job, machine, signal, onEnd } = options
  const folder = new JobFolder(options)
  const inputs = new CommandInputs({ ...options, folder: join(folder.path, 'inputs') })
  const inFlight = new InFlight(options.width + ahead)
  const task = commandTask({
    transform,
    spec,
    job,
    facts: machine.commands,
    mounts: folder.mounts,
  })
  folder.make()

  const runOne = async (each: DatumToRun): Promise<void> => {
    if (signal.aborted) return
    const end = await inputs.use(each.datum, (taskInputs) =>
      new CommandDatum(options, { task, datum: each.datum, inputs: taskInputs }).run(),
    )
    if (end !== undefined) await onEnd([{ ...each, end }])
  }
  return {
    submit: async (datums) => {
      for (const set of commandSets(datums, spec.datumSetSpec, options.width)) {
        if (signal.aborted) return
        await inFlight.add(() => inTurn(set, runOne))
      }
    },
    finish: async () => {
      try {
        await inFlight.drain()
      } finally {
        folder.remove()
      }
    },
  }
}

interface Attempt {
  readonly task: SessionTask
  readonly datum: Datum
  readonly inputs: readonly TaskInput[]
}

/** The tries of one datum. */
class CommandDatum {
  readonly #options: CommandRunnerOptions
  readonly #attempt: Attempt
  #startedAt: number | undefined
  #log = ''
  #message = ''
  #tries = 0

  constructor(options: CommandRunnerOptions, attempt: Attempt) {
    this.#options = options
    this.#attempt = attempt
  }

  /** Undefined when cut off by the signal. */
  async run(): Promise<DatumEnd | undefined> {
    const { spec, signal, random } = this.#options
    while (this.#tries < spec.datumTries) {
      if (this.#tries > 0) await pause(backoffMs(this.#tries + 1, random), signal)
      if (signal.aborted) return undefined
      const end = await this.#try()
      if (end !== 'again') return end
    }
    return this.#end('failed', [])
  }

  async #try(): Promise<DatumEnd | 'again' | undefined> {
    this.#tries++
    let stored: StoredOutputs | undefined
    const outcome = await this.#command(this.#attempt.task, async (output) => {
      stored = await storeOutputs({ ...this.#options, datum: this.#attempt.datum }, output)
    })
    if (outcome.kind === 'aborted') return undefined
    if (stored?.kind === 'stored') return this.#end('success', stored.outputs)
    this.#message = stored?.message ?? withLastWords(faultOf(outcome), outcome.log)
    const { task } = this.#attempt
    const then = await recover(task, this.#options.transform, (errors) => this.#command(errors))
    if (then === 'aborted') return undefined
    return then === 'recovered' ? this.#end('recovered', []) : 'again'
  }

  async #command(
    task: SessionTask,
    takeOutput?: CommandTask['takeOutput'],
  ): Promise<CommandOutcome> {
    const { machine, signal, slots, clock } = this.#options
    const { inputs, datum } = this.#attempt
    const env = { ...task.env, ...datumEnv(datum) }
    const turn: Turn = (work) =>
      slots.run(() => {
        this.#startedAt ??= clock.now()
        return work()
      })
    const whole = { ...task, inputs, env, ...(takeOutput === undefined ? {} : { takeOutput }) }
    const outcome = await machine.sandbox.run(whole, signal, turn)
    this.#log += outcome.log.text
    return outcome
  }

  #end(state: DatumEnd['state'], outputs: DatumEnd['outputs']): DatumEnd {
    const now = this.#options.clock.now()
    const startedAt = this.#startedAt ?? now
    return {
      state,
      outputs,
      tries: this.#tries,
      startedAt,
      wallMs: now - startedAt,
      log: this.#log,
      ...(state === 'success' ? {} : { message: this.#message }),
    }
  }
}
