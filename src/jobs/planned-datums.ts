import type { Digest } from '../model/index.ts'
import type { Store } from '../repos/index.ts'
import { datumInfos, recordPages } from './datum-pages.ts'
import type { DatumToRun } from './datum-run/datum-runner.ts'
import type { CodeFacts } from './fingerprint.ts'
import type { JobSetup } from './job-base.ts'
import { planJob } from './plan-job.ts'
import { readinessOf } from './settle-jobs.ts'
import type { DatumInfo, JobInfo } from './types.ts'

/**
 * Datums a job that has not ended is going to have: those to run, as if none had run yet, then
 * those it keeps from its base. None while an input is not computed.
 */
export async function* plannedDatums(
  store: Store,
  facts: CodeFacts,
  job: JobInfo,
): AsyncIterable<readonly DatumInfo[]> {
  const ready = readinessOf(store, job, facts)
  if (ready.kind !== 'same' && ready.kind !== 'work') return
  const { setup } = ready
  const { content, commits } = store
  const touched = new Set<Digest>()
  for await (const { run, remove, keep } of planJob({ content, commits }, setup)) {
    for (const id of remove) touched.add(id)
    yield run.map((each) => startingInfo(setup, each))
    yield datumInfos(content, job, keep)
  }
  if (setup.reuse.kind !== 'changes' && setup.reuse.kind !== 'same') return
  for await (const page of recordPages(content, setup.reuse.base.datums)) {
    const kept = page.filter(({ id }) => !touched.has(id))
    yield datumInfos(content, job, kept)
  }
}

function startingInfo({ job, code }: JobSetup, { datum, why }: DatumToRun): DatumInfo {
  return {
    id: datum.id,
    pipeline: job.pipeline,
    job: job.id,
    state: 'starting',
    ranIn: job.id,
    reason: why,
    cached: false,
    inputs: datum.inputs,
    outputs: [],
    tries: 0,
    startedAt: undefined,
    wallMs: 0,
    message: undefined,
    log: undefined,
    fingerprint: code.fingerprint,
  }
}
