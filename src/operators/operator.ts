import type { z } from 'zod'

/** One file of a datum as an operator sees it: where it came from and its bytes. */
export interface OperatorFile {
  /** Name of the input, as in `/pfs/<input>`. */
  readonly input: string
  /** Path inside the input. */
  readonly path: string
  readonly bytes: Uint8Array
}

/** What an operator writes, relative to `/pfs/out`. */
export interface OperatorOutput {
  readonly path: string
  readonly bytes: Uint8Array
}

/**
 * A built-in transform: a pure function from the files of one datum and parameters to output files.
 * It never touches storage, clock, network or randomness, so equal inputs give equal bytes on any
 * machine. `version` grows whenever the same inputs may give other bytes: it is part of the
 * fingerprint and makes datums run again.
 */
export interface Operator<Params = unknown> {
  readonly name: string
  readonly version: number
  /** One sentence for `varve operators`. */
  readonly summary: string
  readonly params: z.ZodType<Params>
  /**
   * Files come sorted by input, then by path. Rejects with `VarveError` `INPUT_REFUSED`, naming the
   * file and a reason, when a file is not what the operator takes: the datum then fails with that
   * message. Params must come from `parseParams`, so that defaults are filled in.
   */
  run(files: readonly OperatorFile[], params: Params): Promise<readonly OperatorOutput[]>
}

/** Ties the type `run` takes to the schema of `params`; the registry then holds plain `Operator`s. */
export function defineOperator<Params>(operator: Operator<Params>): Operator {
  return operator
}
