import type { Digest } from '../model/index.ts'
import {
  loadPlanner,
  type Datum,
  type Input,
  type KeyIndexEdit,
  type LeafInput,
  type PlanBatch,
  type PlanChange,
} from '../pipelines/index.ts'
import type { Content, Nouns } from '../repos/index.ts'
import { datumKey, datumOf, decodeDatumRecord, type DatumRecord } from './datum-record.ts'
import type { JobBase, JobSetup } from './job-base.ts'
import { inputRoots, requireRoot, type InputRoots } from './job-inputs.ts'
import { treeKeyIndex } from './key-index.ts'
import { PresentReferences } from './present-references.ts'
import { unpackRecords } from './record-lists.ts'
import { treeView, treeViewPair } from './tree-view.ts'
import type { DatumToRun } from './datum-run/datum-runner.ts'
import type { RunReason } from './types.ts'

/** A part of what a job has to do. */
export interface JobWork {
  readonly run: readonly DatumToRun[]
  /** Datums of the base whose outputs go: those that left, and those of `run` the base had. */
  readonly remove: readonly Digest[]
  /** How many of `remove` are in no `run`: datums that are no more. */
  readonly gone: number
  /** Results of the base taken over as they are into a tree built anew. */
  readonly keep: readonly { readonly id: Digest; readonly record: DatumRecord }[]
  readonly indexEdits: readonly KeyIndexEdit[]
}

export interface Planner {
  readonly content: Content
  readonly commits: Nouns['commits']
}

/**
 * What a job has to do, in parts, without doing any of it. Under `changes` the cost follows the
 * difference of the inputs; otherwise every datum is listed.
 */
export async function* planJob(planner: Planner, setup: JobSetup): AsyncIterable<JobWork> {
  const { input } = setup.pipeline.spec
  if (setup.reuse.kind === 'same') return
  if (setup.reuse.kind === 'changes') {
    yield* planDifference(planner, setup, { input, base: setup.reuse.base })
    return
  }
  const { planAll } = await loadPlanner()
  for await (const batch of planAll(input, viewOf(planner, setup))) {
    yield setup.reuse.kind === 'compare'
      ? await compared(planner, setup, batch, setup.reuse.base)
      : runAll(batch, setup)
  }
}

function viewOf(planner: Planner, setup: JobSetup) {
  const roots = inputRoots(planner, setup.pipeline, setup.job)
  return (leaf: LeafInput) => treeView(planner.content, requireRoot(roots, leaf))
}

function runAll({ changes, indexEdits }: PlanBatch, { reuse }: JobSetup): JobWork {
  const why: RunReason =
    reuse.kind !== 'nothing'
      ? { kind: 'new' }
      : reuse.reason === 'code changed'
        ? { kind: 'code changed', fields: reuse.fields }
        : { kind: reuse.reason }
  const run = datumsOf(changes).map((datum) => ({ datum, why }))
  return { run, remove: [], gone: 0, keep: [], indexEdits }
}

/** Same code, other list of datums: those the base has with equal content are taken over. */
async function compared(
  { content }: Planner,
  { code }: JobSetup,
  { changes, indexEdits }: PlanBatch,
  base: JobBase,
): Promise<JobWork> {
  const datums = datumsOf(changes)
  const entries = await content.entries(
    base.datums,
    datums.map(({ id }) => datumKey(id)),
  )
  const run: DatumToRun[] = []
  const keep: { id: Digest; record: DatumRecord }[] = []
  for (const [place, datum] of datums.entries()) {
    const entry = entries[place]
    const record = entry === undefined ? undefined : decodeDatumRecord(entry.value)
    const why = reasonAgainst(record, datum, code.fingerprint)
    if (why === undefined && record !== undefined) keep.push({ id: datum.id, record })
    else run.push({ datum, why: why ?? { kind: 'new' } })
  }
  return { run, remove: [], gone: 0, keep, indexEdits }
}

/** Why a result of the base cannot be kept; undefined when it can. */
function reasonAgainst(
  record: DatumRecord | undefined,
  datum: Datum,
  fingerprint: Digest,
): RunReason | undefined {
  if (record === undefined) return { kind: 'new' }
  if (record.state !== 'success') return { kind: 'not done', state: record.state }
  if (record.fingerprint !== fingerprint) return { kind: 'code changed', fields: [] }
  return record.content === datum.content ? undefined : { kind: 'input changed', inputs: [] }
}

async function* planDifference(
  planner: Planner,
  setup: JobSetup,
  { input, base }: { input: Input; base: JobBase },
): AsyncIterable<JobWork> {
  const now = inputRoots(planner, setup.pipeline, setup.job)
  const then = inputRoots(planner, base.pipeline, base.job)
  const pairOf = (leaf: LeafInput) =>
    treeViewPair(planner.content, requireRoot(then, leaf), requireRoot(now, leaf))
  const index = treeKeyIndex(planner.content, base.datums)
  const touched = new Set<Digest>()
  const { planChanges } = await loadPlanner()
  for await (const batch of planChanges(input, pairOf, index)) {
    for (const change of batch.changes) touched.add(idOf(change))
    yield workOf(batch)
  }
  yield* retries(planner.content, { base, touched, now })
}

function workOf({ changes, indexEdits }: PlanBatch): JobWork {
  const run: DatumToRun[] = []
  const remove: Digest[] = []
  let gone = 0
  for (const change of changes) {
    if (change.kind === 'remove') gone++
    else run.push({ datum: change.datum, why: reasonOf(change) })
    if (change.kind !== 'add') remove.push(idOf(change))
  }
  return { run, remove, gone, keep: [], indexEdits }
}

function reasonOf(change: Exclude<PlanChange, { kind: 'remove' }>): RunReason {
  if (change.kind === 'add') return { kind: 'new' }
  return { kind: 'input changed', inputs: change.changed }
}

/** Datums that recovered, or failed in a job that went on: every later job tries them again. */
async function* retries(
  content: Content,
  { base, touched, now }: { base: JobBase; touched: ReadonlySet<Digest>; now: InputRoots },
): AsyncIterable<JobWork> {
  const ids: Digest[] = []
  for await (const { key } of content.scan(base.datums, 'r/')) {
    const id = key.slice('r/'.length) as Digest
    if (!touched.has(id)) ids.push(id)
  }
  if (ids.length === 0) return
  const entries = await content.entries(base.datums, ids.map(datumKey))
  const records = entries.flatMap((entry) =>
    entry === undefined ? [] : [decodeDatumRecord(entry.value)],
  )
  const full = await unpackRecords(content, records)
  const references = new PresentReferences(content, now)
  const run: DatumToRun[] = []
  for (const [place, id] of ids.entries()) {
    const [record, lists] = [records[place], full[place]]
    if (record === undefined || lists === undefined || record.state === 'success') continue
    const why: RunReason = { kind: 'not done', state: record.state }
    const inputs = await references.in(lists.inputs)
    run.push({ datum: datumOf(id, record, inputs), why })
  }
  const remove = run.map(({ datum }) => datum.id)
  yield { run, remove, gone: 0, keep: [], indexEdits: [] }
}

const datumsOf = (changes: readonly PlanChange[]): Datum[] =>
  changes.flatMap((change) => (change.kind === 'remove' ? [] : [change.datum]))

const idOf = (change: PlanChange): Digest =>
  change.kind === 'remove' ? change.id : change.datum.id
