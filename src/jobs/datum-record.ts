import type { CommitId, Digest } from '../model/index.ts'
import type { Datum, DatumInput } from '../pipelines/index.ts'
import type { DatumInfo, DatumOutput, JobInfo, RunReason } from './types.ts'

/** Lists longer than this are items of their own, so that values of a tree stay small. */
export const inlineLimit = 32

/** A list in a record: in place, or the digest of an item holding it as JSON. */
export type RecordList<T> = readonly T[] | { readonly item: Digest }

/**
 * What a datum leaves behind: the value of `d/<datum id>` in the datums tree, and what the datum
 * cache answers. Format 1; `docs/format/datums.md`.
 */
export interface DatumRecord {
  readonly v: 1
  readonly state: 'success' | 'failed' | 'recovered'
  /** Digest of the inputs' content that counts (`Datum.content`). */
  readonly content: Digest
  readonly fingerprint: Digest
  readonly inputs: RecordList<DatumInput>
  readonly outputs: RecordList<DatumOutput>
  readonly job: CommitId
  readonly why: RunReason
  readonly cached?: true
  readonly tries: number
  readonly startedAt: number
  readonly wallMs: number
  readonly message?: string
  readonly log?: Digest
}

export function encodeDatumRecord(record: DatumRecord): Uint8Array {
  return Buffer.from(JSON.stringify(record))
}

export function decodeDatumRecord(bytes: Uint8Array | string): DatumRecord {
  const text = typeof bytes === 'string' ? bytes : Buffer.from(bytes).toString()
  return JSON.parse(text) as DatumRecord
}

/** Items a record refers to, besides those of its output files. */
export function itemsOf(record: DatumRecord): Digest[] {
  return [record.inputs, record.outputs]
    .flatMap((list) => ('item' in list ? [list.item] : []))
    .concat(record.log ?? [])
}

/**
 * The same of a value of a datums tree. A datum that is skipped keeps its record, and with it the
 * lists and the log of a job that may be gone.
 */
export function itemsOfEntry(key: string, value: Uint8Array): Digest[] {
  return key.startsWith(datumKey('')) ? itemsOf(decodeDatumRecord(value)) : []
}

/** Keys of the datums tree. The beginning of an id gives the beginning of its key. */
export const datumKey = (id: string): string => `d/${id}`
export const ownerKey = (path: string): string => `o/${path}`
/** Datums that did not succeed in a successful job: each later job tries them again. */
export const retryKey = (id: Digest): string => `r/${id}`

/** A record as users see it from one job. */
export function datumInfo(
  job: Pick<JobInfo, 'pipeline' | 'id'>,
  id: Digest,
  record: DatumRecord & { inputs: readonly DatumInput[]; outputs: readonly DatumOutput[] },
): DatumInfo {
  const kept = record.job !== job.id && record.state === 'success'
  return {
    id,
    pipeline: job.pipeline,
    job: job.id,
    state: kept ? 'skipped' : record.state,
    ranIn: record.job,
    reason: record.why,
    cached: record.cached === true,
    inputs: record.inputs,
    outputs: record.outputs,
    tries: record.tries,
    startedAt: record.startedAt,
    wallMs: record.wallMs,
    message: record.message,
    log: record.log,
    fingerprint: record.fingerprint,
  }
}

/** The datum a record was made of. */
export function datumOf(id: Digest, record: DatumRecord, inputs: readonly DatumInput[]): Datum {
  return { id, content: record.content, inputs }
}
