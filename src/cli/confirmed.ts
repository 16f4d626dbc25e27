import type { Cli } from './cli.ts'

/** Asks on stderr; a script answers on stdin (`yes | varve delete all`). Without an answer: no. */
export async function confirmed(cli: Cli, what: string): Promise<boolean> {
  cli.note(`${what} Go on? [y/N]`)
  let answer = ''
  for await (const chunk of cli.input()) {
    answer += Buffer.from(chunk).toString()
    if (answer.includes('\n')) break
  }
  return /^y(es)?\s*$/im.test(answer.split('\n')[0] ?? '')
}
