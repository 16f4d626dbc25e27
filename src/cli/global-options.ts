import { VarveError } from '../model/index.ts'

/** Options every command takes, wherever they stand on the line (before a bare `--`). */
export interface GlobalOptions {
  /** `-C`: where to look for the project instead of the working folder. */
  readonly directory: string | undefined
  /** `--json`: pure JSON on stdout, everything else on stderr. */
  readonly json: boolean
  readonly color: boolean | undefined
}

export interface SplitLine {
  readonly options: GlobalOptions
  /** What is left: the verb, its subject and their own words. */
  readonly words: readonly string[]
}

/** Takes the global options out of a command line. */
export function splitGlobalOptions(line: readonly string[]): SplitLine {
  const words: string[] = []
  let directory: string | undefined
  let json = false
  let color: boolean | undefined
  for (let at = 0; at < line.length; at++) {
    const word = line[at] ?? ''
    if (word === '--') {
      words.push(...line.slice(at))
      break
    }
    if (word === '-C' || word === '--directory') directory = valueAfter(line, at++, word)
    else if (word.startsWith('--directory=')) directory = word.slice('--directory='.length)
    else if (word === '--json') json = true
    else if (word === '--no-color') color = false
    else if (word === '--color') color = true
    else if (word === '--rpc-timeout') at++
    else if (isMeantForCluster(word)) continue
    else words.push(word)
  }
  return { options: { directory, json, color }, words }
}

/** Options pachctl takes everywhere, which ask for nothing here. */
function isMeantForCluster(word: string): boolean {
  return word === '-v' || word === '--verbose' || word.startsWith('--rpc-timeout=')
}

function valueAfter(line: readonly string[], at: number, option: string): string {
  const value = line[at + 1]
  if (value !== undefined) return value
  throw new VarveError('USAGE', { what: `The option ${option} needs a folder.` })
}
