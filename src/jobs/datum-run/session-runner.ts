import { join } from 'node:path'
import type { Datum } from '../../pipelines/index.ts'
import type {
  CommandOutcome,
  CommandSession,
  PieceOutcome,
  SessionTask,
  TaskInput,
} from '../../sandbox/index.ts'
import { CommandInputs } from './command-inputs.ts'
import { storeOutputs, type StoredOutputs } from './command-outputs.ts'
import type { CommandRunnerOptions } from './command-runner.ts'
import { commandTask } from './command-task.ts'
import { datumEnv } from './datum-env.ts'
import { commandSets, inTurn } from './datum-sets.ts'
import type { DatumEnd, DatumRunner, DatumToRun } from './datum-runner.ts'
import { JobFolder } from './job-folder.ts'
import { InFlight } from './in-flight.ts'
import { freshFolder, removeFolder } from './scratch-files.ts'
import { faultOf, withLastWords } from './outcome-text.ts'
import { recover } from './recovery.ts'

/**
 * `datum_batching`: a command is started once and asks for datum after datum. A few such commands
 * run side by side; one that ends early fails the datum in its hands and is started again.
 */
export function sessionRunner(options: CommandRunnerOptions): DatumRunner {
  const { machine, transform, spec, job, signal, slots, onEnd } = options
  const folder = new JobFolder(options)
  const inputs = new CommandInputs({ ...options, folder: join(folder.path, 'inputs') })
  const inFlight = new InFlight(options.width)
  const facts = machine.commands
  const task = commandTask({ transform, spec, job, facts, mounts: folder.mounts })
  folder.make()
  const idle: WarmCommand[] = []
  let made = 0

  const runOne = async (each: DatumToRun): Promise<void> => {
    if (signal.aborted) return
    const command = idle.pop() ?? new WarmCommand({ ...options, task }, folder, `warm-${++made}`)
    const end = await inputs
      .use(each.datum, (taskInputs) => command.run(each.datum, taskInputs))
      .finally(() => idle.push(command))
    if (end !== undefined) await onEnd([{ ...each, end }])
  }
  return {
    submit: async (datums) => {
      for (const set of commandSets(datums, options.spec.datumSetSpec, options.width)) {
        if (signal.aborted) return
        await inFlight.add(() => slots.run(() => inTurn(set, runOne)))
      }
    },
    finish: async () => {
      try {
        await inFlight.drain()
      } finally {
        // Every datum has ended: nothing hangs on how these do.
        await Promise.allSettled(idle.map((command) => command.finish()))
        folder.remove()
      }
    },
  }
}

interface WarmOptions extends CommandRunnerOptions {
  readonly task: SessionTask
}

type TryAnswer = StoredOutputs & { readonly log: string }

/** One command kept alive over many datums, started when the first comes. */
class WarmCommand {
  readonly #options: WarmOptions
  readonly #folder: JobFolder
  readonly #name: string
  #session: CommandSession | undefined
  #pieces = 0

  constructor(options: WarmOptions, folder: JobFolder, name: string) {
    this.#options = options
    this.#folder = folder
    this.#name = name
  }

  /** Undefined when cut off by the signal. */
  async run(datum: Datum, inputs: readonly TaskInput[]): Promise<DatumEnd | undefined> {
    const { spec, clock, signal, task, transform } = this.#options
    const startedAt = clock.now()
    let log = ''
    const errorCommand = async (errors: SessionTask): Promise<CommandOutcome> => {
      const outcome = await this.#command(errors, datum, inputs)
      log += outcome.log.text
      return outcome
    }
    for (let tries = 1; ; tries++) {
      const answer = await this.#try(datum, inputs)
      if (answer === 'aborted' || signal.aborted) return undefined
      log += answer.log
      const times = () => ({ tries, startedAt, wallMs: clock.now() - startedAt, log })
      if (answer.kind === 'stored') return { ...times(), state: 'success', outputs: answer.outputs }
      const then = await recover(task, transform, errorCommand)
      if (then === 'aborted') return undefined
      if (then === 'again' && tries < spec.datumTries) continue
      const state = then === 'recovered' ? then : 'failed'
      return { ...times(), state, outputs: [], message: answer.message }
    }
  }

  async finish(): Promise<void> {
    await this.#session?.finish()
    this.#session = undefined
  }

  async #open(): Promise<CommandSession> {
    const { machine, task, signal } = this.#options
    this.#session ??= await machine.sandbox.openSession(task, signal)
    return this.#session
  }

  async #try(datum: Datum, inputs: readonly TaskInput[]): Promise<TryAnswer | 'aborted'> {
    const outDir = join(this.#folder.path, this.#name, `out-${++this.#pieces}`)
    await freshFolder(outDir)
    const session = await this.#open()
    const outcome = await session.next({ inputs, outDir, env: datumEnv(datum) })
    const answer = await this.#answer(datum, outcome)
    await removeFolder(outDir)
    return answer
  }

  /** The slot of the command that waits meanwhile is enough. */
  #command(task: SessionTask, datum: Datum, inputs: readonly TaskInput[]): Promise<CommandOutcome> {
    const { machine, signal } = this.#options
    const env = { ...task.env, ...datumEnv(datum) }
    return machine.sandbox.run({ ...task, inputs, env }, signal)
  }

  async #answer(datum: Datum, outcome: PieceOutcome): Promise<TryAnswer | 'aborted'> {
    if (outcome.kind === 'ended') {
      this.#session = undefined
      if (outcome.outcome.kind === 'aborted') return 'aborted'
      const { log } = outcome.outcome
      const fault = `${faultOf(outcome.outcome)} before it asked for the next datum`
      return { kind: 'refused', log: log.text, message: withLastWords(fault, log) }
    }
    const log = outcome.log.text
    if (outcome.kind === 'failed') return { kind: 'refused', log, message: outcome.message }
    const stored = await storeOutputs({ ...this.#options, datum }, outcome.output)
    return { log, ...stored }
  }
}
