import { VarveError } from '../model/index.ts'

/** One error for all that is wrong with the line of a verb. */
export function usage(faults: readonly string[], verb: string): VarveError {
  return new VarveError('USAGE', {
    what: faults.join(' '),
    next: `Run \`varve ${verb} --help\`.`,
    data: { faults },
  })
}
