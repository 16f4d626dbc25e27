import type { Digest } from '../../model/index.ts'
import type { Datum } from '../../pipelines/index.ts'
import type { DatumOutput, RunReason } from '../types.ts'

/** A datum that has to run, and why. */
export interface DatumToRun {
  readonly datum: Datum
  readonly why: RunReason
  /** Under which the datum cache may keep the result. */
  readonly key?: Digest
}

/** How a datum ended. `log` is what the transform printed, over all tries. */
export interface DatumEnd {
  readonly state: 'success' | 'failed' | 'recovered'
  readonly outputs: readonly DatumOutput[]
  readonly tries: number
  readonly startedAt: number
  readonly wallMs: number
  readonly message?: string
  readonly log?: string
}

export type EndedDatum = DatumToRun & { readonly end: DatumEnd }

export type OnDatumEnd = (ended: readonly EndedDatum[]) => Promise<void>

/**
 * Runs datums of one job, many at a time. Datums cut off by the signal end without a word: they are
 * not done, and a later run starts them again.
 */
export interface DatumRunner {
  /** Resolves when there is room for more, not when these have ended. */
  submit(datums: readonly DatumToRun[]): Promise<void>
  /** Resolves when everything submitted has ended. */
  finish(): Promise<void>
}
