import { unreachable } from '../../util/index.ts'
import type { CommandOutcome } from '../../sandbox/index.ts'

/** Why an outcome that was not accepted failed the try, in a few words. */
export function faultOf(outcome: CommandOutcome): string {
  switch (outcome.kind) {
    case 'exited':
      return outcome.signal === undefined
        ? `the command exited with code ${outcome.code}`
        : `the command was ended by ${outcome.signal}`
    case 'bad-output':
      return `the output cannot be taken: ${outcome.faults.join('; ')}`
    case 'timeout':
      return `timed out after ${outcome.allowedMs} ms`
    case 'limit':
      return `used more ${outcome.limit} than the ${outcome.allowed} allowed`
    case 'not-found':
      return `the program "${outcome.program}" was not found`
    case 'aborted':
      return 'the run was interrupted'
    default:
      return unreachable(outcome)
  }
}
