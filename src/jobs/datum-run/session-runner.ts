import { join } from 'node:path'
import type { CommandSession, PieceOutcome } from '../../sandbox/index.ts'
import { CommandInputs } from './command-inputs.ts'
import { storeOutputs } from './command-outputs.ts'
import type { CommandRunnerOptions } from './command-runner.ts'
import { commandTask } from './command-task.ts'
import { datumEnv } from './datum-env.ts'
import { commandSets, inTurn } from './datum-sets.ts'
import type { DatumEnd, DatumRunner, DatumToRun } from './datum-runner.ts'
import { JobFolder } from './job-folder.ts'
import { InFlight } from './in-flight.ts'
import { freshFolder, removeFolder } from './scratch-files.ts'
import { faultOf, withLastWords } from './outcome-text.ts'

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
  const idle: WarmCommand[] = []
  let made = 0

  const runOne = async (each: DatumToRun): Promise<void> => {
    if (signal.aborted) return
    const command = idle.pop() ?? new WarmCommand({ ...options, task }, folder, `warm-${++made}`)
    const end = await command.run(each, inputs)
    idle.push(command)
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
        await Promise.all(idle.map((command) => command.finish()))
      } finally {
        folder.remove()
      }
    },
  }
}

interface WarmOptions extends CommandRunnerOptions {
  readonly task: ReturnType<typeof commandTask>
}

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

  async run(each: DatumToRun, inputs: CommandInputs): Promise<DatumEnd | undefined> {
    const { spec, clock, signal } = this.#options
    const startedAt = clock.now()
    let log = ''
    let message = ''
    for (let tries = 1; tries <= spec.datumTries; tries++) {
      const outDir = join(this.#folder.path, this.#name, `out-${++this.#pieces}`)
      await freshFolder(outDir)
      const outcome = await inputs.use(each.datum, async (taskInputs) => {
        const session = await this.#open()
        return session.next({ inputs: taskInputs, outDir, env: datumEnv(each.datum) })
      })
      const answer = await this.#answer(each, outcome)
      await removeFolder(outDir)
      if (answer === 'aborted' || signal.aborted) return undefined
      log += answer.log
      const times = { tries, startedAt, wallMs: clock.now() - startedAt, log }
      if (answer.outputs !== undefined) {
        return { ...times, state: 'success', outputs: answer.outputs }
      }
      message = answer.message
    }
    const wallMs = clock.now() - startedAt
    const tries = spec.datumTries
    return { state: 'failed', outputs: [], tries, startedAt, wallMs, message, log }
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

  async #answer(each: DatumToRun, outcome: PieceOutcome) {
    if (outcome.kind === 'ended') {
      this.#session = undefined
      if (outcome.outcome.kind === 'aborted') return 'aborted' as const
      const { log } = outcome.outcome
      const fault = `${faultOf(outcome.outcome)} before it asked for the next datum`
      return { log: log.text, message: withLastWords(fault, log), outputs: undefined }
    }
    const log = outcome.log.text
    if (outcome.kind === 'failed') return { log, message: outcome.message, outputs: undefined }
    const stored = await storeOutputs({ ...this.#options, datum: each.datum }, outcome.output)
    return stored.kind === 'stored'
      ? { log, message: '', outputs: stored.outputs }
      : { log, message: stored.message, outputs: undefined }
  }
}
