import { VarveError } from '../model/index.ts'
import { nearest } from '../util/index.ts'

/** States as a person names them, one by one or between commas; `failed` is both ways to fail. */
export function rowStatusList<T extends string>(
  words: readonly string[] | undefined,
  known: readonly T[],
): readonly T[] | undefined {
  if (words === undefined) return undefined
  return words
    .flatMap((word) => word.split(','))
    .flatMap((word) => {
      const found = known.filter((status) => status === word || status.startsWith(`${word}_`))
      if (found.length > 0) return found
      const near = nearest(word, known)
      throw new VarveError('USAGE', {
        what: `"${word}" is no state of a row.${near === undefined ? '' : ` Did you mean ${near}?`}`,
        next: `Use ${known.join(', ')}, or failed for both ways to fail.`,
      })
    })
}
