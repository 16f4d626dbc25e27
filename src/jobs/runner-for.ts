import { unreachable } from '../util/index.ts'
import type { Clock, Random } from '../util/index.ts'
import { Slots } from '../executors/index.ts'
import type { Content } from '../repos/index.ts'
import type { CatalogView, JobSetup } from './job-base.ts'
import { inputRoots, requireRoot } from './job-inputs.ts'
import { commandRunner } from './datum-run/command-runner.ts'
import type { DatumRunner, OnDatumEnd } from './datum-run/datum-runner.ts'
import type { Machine } from './datum-run/machine.ts'
import { operatorRunner } from './datum-run/operator-runner.ts'
import { sessionRunner } from './datum-run/session-runner.ts'

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
  let shared: Slots | undefined
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
        shared ??= new Slots(machine.cores)
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
