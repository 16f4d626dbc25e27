import type { PipelineSpec } from '../../pipelines/index.ts'
import type { DatumToRun } from './datum-runner.ts'

/** How many datums one worker takes at a time; at least one, whatever its size. */
export interface SetLimits {
  readonly datums: number
  /** Of their inputs. */
  readonly bytes: number
}

/**
 * The limits `datum_set_spec` gives for a part of a job. `perWorker` divides the part, as the whole
 * is not known while it is planned. Undefined where the spec says nothing.
 */
export function setLimits(
  { number, sizeBytes, perWorker }: PipelineSpec['datumSetSpec'],
  part: { readonly datums: number; readonly workers: number },
): Partial<SetLimits> {
  const shared =
    perWorker === undefined ? undefined : Math.ceil(part.datums / (part.workers * perWorker))
  const datums = number ?? shared
  return {
    ...(datums === undefined ? {} : { datums: Math.max(1, datums) }),
    ...(sizeBytes === undefined ? {} : { bytes: sizeBytes }),
  }
}

/** The first datums that fit. */
export function takeSet(
  waiting: readonly DatumToRun[],
  limits: SetLimits,
): { readonly set: DatumToRun[]; readonly rest: DatumToRun[] } {
  let bytes = 0
  let end = 0
  while (end < Math.min(limits.datums, waiting.length)) {
    bytes += waiting[end]?.datum.inputs.reduce((sum, input) => sum + input.size, 0) ?? 0
    if (end > 0 && bytes > limits.bytes) break
    end++
  }
  return { set: waiting.slice(0, end), rest: waiting.slice(end) }
}

/** Sets for commands: one datum each where the spec says nothing, for that spreads best. */
export function* commandSets(
  datums: readonly DatumToRun[],
  spec: PipelineSpec['datumSetSpec'],
  workers: number,
): Iterable<readonly DatumToRun[]> {
  const given = setLimits(spec, { datums: datums.length, workers })
  const most = given.bytes === undefined ? 1 : datums.length
  const limits = { datums: most, bytes: Number.POSITIVE_INFINITY, ...given }
  for (let waiting = datums; waiting.length > 0;) {
    const { set, rest } = takeSet(waiting, limits)
    yield set
    waiting = rest
  }
}

/** One datum of a set after another. */
export async function inTurn(
  set: readonly DatumToRun[],
  run: (each: DatumToRun) => Promise<void>,
): Promise<void> {
  for (const each of set) await run(each)
}
