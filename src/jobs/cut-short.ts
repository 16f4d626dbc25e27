/** Why a job's work ends before its time. */
export type CutReason =
  | { readonly kind: 'interrupted' }
  | { readonly kind: 'killed'; readonly reason: string }

/** The signal a job runs under, with what stops it told apart by the abort reason. */
export interface CutShort {
  readonly signal: AbortSignal
  /** Ends the job as killed. The first reason stays. */
  kill(reason: string): void
  close(): void
}

class Killed {
  readonly reason: string
  constructor(reason: string) {
    this.reason = reason
  }
}

/** `outer` interrupts: the job stays as it is, to be resumed. The time limit kills. */
export function cutShortBy(outer: AbortSignal, jobTimeoutMs: number | undefined): CutShort {
  const own = new AbortController()
  const kill = (reason: string): void => own.abort(new Killed(reason))
  const timer =
    jobTimeoutMs === undefined ? undefined : setTimeout(() => kill('job timed out'), jobTimeoutMs)
  return {
    signal: AbortSignal.any([outer, own.signal]),
    kill,
    close: () => clearTimeout(timer),
  }
}

export function cutShort({ signal }: CutShort): CutReason | undefined {
  if (!signal.aborted) return undefined
  const why: unknown = signal.reason
  return why instanceof Killed ? { kind: 'killed', reason: why.reason } : { kind: 'interrupted' }
}
