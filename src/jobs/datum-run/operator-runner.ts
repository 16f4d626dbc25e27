import { parseFilePath, isVarveError, type JsonObject } from '../../model/index.ts'
import type { Executor, TaskOutcome } from '../../executors/index.ts'
import type { PipelineSpec } from '../../pipelines/index.ts'
import type { Content, RepoKey } from '../../repos/index.ts'
import type { Clock } from '../../util/index.ts'
import { BatchSize } from './batch-size.ts'
import { filesOf, type DatumFile, type RootOf } from './datum-files.ts'
import { setLimits, takeSet, type SetLimits } from './datum-sets.ts'
import type { DatumEnd, DatumRunner, DatumToRun, OnDatumEnd } from './datum-runner.ts'
import { InFlight } from './in-flight.ts'

/** One file handed to operators. */
export interface OperatorTaskFile {
  readonly input: string
  readonly path: string
  readonly bytes: Uint8Array
}

/** Several datums for a chain of operators: what one step writes, the next one reads. */
export interface OperatorTask {
  readonly steps: readonly { readonly operator: string; readonly params: JsonObject }[]
  readonly datums: readonly (readonly OperatorTaskFile[])[]
}

/** One answer for each datum of the task, in order. */
export type OperatorResult = readonly OperatorAnswer[]
export type OperatorAnswer =
  | {
      readonly kind: 'done'
      readonly outputs: readonly { readonly path: string; readonly bytes: Uint8Array }[]
    }
  | { readonly kind: 'failed'; readonly message: string }

export type OperatorExecutor = Executor<OperatorTask, OperatorResult>

export interface OperatorRunnerOptions {
  readonly content: Content
  readonly executor: OperatorExecutor
  readonly spec: PipelineSpec
  readonly repo: RepoKey
  readonly rootOf: RootOf
  readonly clock: Clock
  readonly signal: AbortSignal
  readonly onEnd: OnDatumEnd
}

/** A worker that dies takes its whole batch along; operators are pure, so nothing else is retried. */
const lostTries = 3

/** Bytes of inputs in one task: enough to make its cost vanish, little enough to stay in memory. */
const batchBytes = 8 << 20

/** Runs operators in batches: one message to a worker carries many datums. */
export function operatorRunner(options: OperatorRunnerOptions): DatumRunner {
  const { executor, spec, signal } = options
  const slots = Math.min(spec.parallelism ?? executor.slots, executor.slots)
  const inFlight = new InFlight(slots * 2)
  const size = new BatchSize()
  const limitsOf = (datums: number): SetLimits => {
    const given = setLimits(spec.datumSetSpec, { datums, workers: slots })
    const limits = { datums: size.next, bytes: batchBytes, ...given }
    // A batch times out as one.
    return spec.datumTimeoutMs === undefined ? limits : { ...limits, datums: 1 }
  }
  let waiting: DatumToRun[] = []
  let part = 0

  const send = async (least: number): Promise<void> => {
    while (waiting.length >= least && waiting.length > 0 && !signal.aborted) {
      const { set, rest } = takeSet(waiting, limitsOf(part))
      waiting = rest
      await inFlight.add(() => runBatch(options, set, size))
    }
  }
  return {
    submit: async (datums) => {
      waiting = waiting.length === 0 ? [...datums] : waiting.concat(datums)
      part = waiting.length
      await send(1)
    },
    finish: async () => {
      await send(0)
      await inFlight.drain()
    },
  }
}

async function runBatch(
  options: OperatorRunnerOptions,
  batch: readonly DatumToRun[],
  size: BatchSize,
): Promise<void> {
  const { clock, executor, signal, spec } = options
  const task: OperatorTask = { steps: stepsOf(spec), datums: await readInputs(options, batch) }
  for (let tries = 1; ; tries++) {
    const startedAt = clock.now()
    const timed = withTimeout(signal, spec.datumTimeoutMs)
    const [outcome] = await executor.run([task], timed)
    if (signal.aborted) return
    const wallMs = clock.now() - startedAt
    size.took(batch.length, wallMs)
    if (outcome?.kind === 'lost' && tries < lostTries) continue
    const answers = answersOf(outcome, batch.length, spec.datumTimeoutMs)
    const times = { tries, startedAt, wallMs: Math.round(wallMs / batch.length) }
    const ends = await storeOutputs(options, answers, times)
    const ended = batch.map((datum, place) => ({ ...datum, end: ends[place] ?? missing(times) }))
    return options.onEnd(ended)
  }
}

function withTimeout(signal: AbortSignal, ms: number | undefined): AbortSignal {
  return ms === undefined ? signal : AbortSignal.any([signal, AbortSignal.timeout(ms)])
}

function stepsOf({ transform }: PipelineSpec): OperatorTask['steps'] {
  if (transform.kind === 'operator') {
    return [{ operator: transform.operator, params: transform.params }]
  }
  return transform.kind === 'process' ? transform.process : []
}

/** All files of a batch in one read; a file several datums share is read once. */
async function readInputs(
  { content, rootOf }: OperatorRunnerOptions,
  batch: readonly DatumToRun[],
): Promise<OperatorTaskFile[][]> {
  const files: DatumFile[][] = []
  for (const { datum } of batch) {
    const own: DatumFile[] = []
    for (const input of datum.inputs) own.push(...(await filesOf(content, rootOf, input)))
    files.push(own)
  }
  const digests = new Set(
    files.flatMap((own) => own.flatMap((file) => (file.empty ? [] : [file.digest]))),
  )
  const names = [...digests]
  const read = await content.read(names)
  const bytes = new Map(names.map((digest, place) => [digest, read[place]]))
  const nothing = new Uint8Array()
  return files.map((own) =>
    own.map(({ input, path, digest, empty }) => ({
      input,
      path,
      bytes: empty ? nothing : (bytes.get(digest) ?? nothing),
    })),
  )
}

function answersOf(
  outcome: TaskOutcome<OperatorResult> | undefined,
  count: number,
  timeoutMs: number | undefined,
): readonly OperatorAnswer[] {
  if (outcome?.kind === 'done') return outcome.result.map(checkPaths)
  const message =
    outcome === undefined || outcome.kind === 'aborted'
      ? `timed out after ${timeoutMs ?? 0} ms`
      : outcome.message
  return Array.from({ length: count }, () => ({ kind: 'failed', message }))
}

/** A path that breaks the rules fails its datum and no other. */
function checkPaths(answer: OperatorAnswer): OperatorAnswer {
  if (answer.kind === 'failed') return answer
  try {
    for (const { path } of answer.outputs) parseFilePath(path)
    return answer
  } catch (error) {
    if (!isVarveError(error)) throw error
    return { kind: 'failed', message: error.message }
  }
}

type Times = Pick<DatumEnd, 'tries' | 'startedAt' | 'wallMs'>

async function storeOutputs(
  { content, repo }: OperatorRunnerOptions,
  answers: readonly OperatorAnswer[],
  times: Times,
): Promise<DatumEnd[]> {
  const outputs = answers.flatMap((answer) => (answer.kind === 'done' ? answer.outputs : []))
  const edits = await content.addOutputs(repo, outputs)
  let next = 0
  return answers.map((answer): DatumEnd => {
    if (answer.kind === 'failed') {
      return { ...times, state: 'failed', outputs: [], message: answer.message }
    }
    const own = edits
      .slice(next, (next += answer.outputs.length))
      .flatMap(({ path, file }) =>
        file === undefined ? [] : [{ path, digest: file.digest, size: file.size }],
      )
    return { ...times, state: 'success', outputs: own }
  })
}

const missing = (times: Times): DatumEnd => ({
  ...times,
  state: 'failed',
  outputs: [],
  message: 'the worker gave no answer for this datum',
})
