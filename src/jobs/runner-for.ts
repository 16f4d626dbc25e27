import { unreachable } from '../util/index.ts'
import type { Clock, Random } from '../util/index.ts'
import { Slots } from '../executors/index.ts'
import type { Sandbox } from '../sandbox/index.ts'
import type { Content } from '../repos/index.ts'
import type { CatalogView, JobSetup } from './job-base.ts'
import { inputRoots, requireRoot } from './job-inputs.ts'
import { commandRunner } from './datum-run/command-runner.ts'
import type { CommandFacts } from './datum-run/command-task.ts'
import type { DatumRunner, OnDatumEnd } from './datum-run/datum-runner.ts'
import { operatorRunner, type OperatorExecutor } from './datum-run/operator-runner.ts'
import { sessionRunner } from './datum-run/session-runner.ts'

/** What runs datums on this machine; the engine chooses. */
export interface Machine {
  readonly operators: OperatorExecutor
  readonly sandbox: Sandbox
  /** Folder for inputs and outputs of commands; safe to delete when nothing runs. */
  readonly scratch: string
  /** Commands at a time over all jobs that do not ask for a number of their own. */
  readonly cores: number
  readonly commands: CommandFacts
}

export interface RunnerRequest {
  readonly setup: JobSetup
  readonly signal: AbortSignal
  readonly onEnd: OnDatumEnd
}

export type RunnerMaker = (request: RunnerRequest) => DatumRunner

export interface RunnerDeps {
  readonly view: CatalogView
  readonly content: Content
  readonly machine: Machine
  readonly clock: Clock
  readonly random: Random
}

/** Chooses how the datums of a job run: operators in workers, commands one by one or in sessions. */
export function runnerMaker({ view, content, machine, clock, random }: RunnerDeps): RunnerMaker {
  const shared = new Slots(machine.cores)
  return ({ setup, signal, onEnd }) => {
    const { job, pipeline } = setup
    const { spec } = pipeline
    const roots = inputRoots(view, pipeline, job)
    const common = {
      content,
      spec,
      repo: job.pipeline,
      rootOf: (leaf: Parameters<typeof roots.of>[0]) => requireRoot(roots, leaf),
      clock,
      signal,
      onEnd,
    }
    const { transform } = spec
    switch (transform.kind) {
      case 'operator':
      case 'process':
        return operatorRunner({ ...common, executor: machine.operators })
      case 'command': {
        const slots = spec.parallelism === undefined ? shared : new Slots(spec.parallelism)
        const width = spec.parallelism ?? machine.cores
        const options = { ...common, transform, job, machine, random, slots, width }
        return transform.datumBatching ? sessionRunner(options) : commandRunner(options)
      }
      default:
        return unreachable(transform)
    }
  }
}
