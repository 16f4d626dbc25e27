import { errorCatalogue, type ErrorCode } from './error-catalogue.ts'

interface ErrorDetails {
  /** What happened and why, in one sentence that names the thing at fault. */
  readonly what: string
  /** The next thing to type or do; the catalogue's general advice when left out. */
  readonly next?: string
  /** Machine-readable facts: paths, ids, lines. Goes into `--json` output as it is. */
  readonly data?: Readonly<Record<string, unknown>>
  readonly cause?: unknown
}

/**
 * A fault of the caller or of the world, as opposed to a bug (`invariant`) and to an outcome
 * (a failed datum is a value, not an exception).
 */
export class VarveError extends Error {
  override readonly name = 'VarveError'
  readonly code: ErrorCode
  readonly next: string
  readonly data: Readonly<Record<string, unknown>>

  constructor(code: ErrorCode, details: ErrorDetails) {
    super(details.what, details.cause === undefined ? undefined : { cause: details.cause })
    this.code = code
    this.next = details.next ?? errorCatalogue[code].next
    this.data = details.data ?? {}
  }

  get exitCode(): number {
    return errorCatalogue[this.code].exit
  }
}

export function isVarveError(error: unknown, code?: ErrorCode): error is VarveError {
  return error instanceof VarveError && (code === undefined || error.code === code)
}
