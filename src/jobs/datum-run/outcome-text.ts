import { stripVTControlCharacters } from 'node:util'
import { unreachable } from '../../util/index.ts'
import type { CommandLog, CommandOutcome } from '../../sandbox/index.ts'

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

const longestWords = 200
/** Characters at the end of a log, where its last line is looked for. */
const lastCharacters = 4096

/** The fault, and the last line the command wrote, which mostly says why it ended so. */
export function withLastWords(fault: string, { text }: CommandLog): string {
  const lines = stripVTControlCharacters(text.slice(-lastCharacters)).split(/[\r\n]+/)
  const words = lines.findLast((line) => line.trim() !== '')?.trim() ?? ''
  if (words === '') return fault
  const shown = words.length > longestWords ? `${words.slice(0, longestWords)}…` : words
  return `${fault}: ${shown}`
}
