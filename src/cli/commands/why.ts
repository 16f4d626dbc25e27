import type { Command } from 'commander'
import type { Cli } from '../cli.ts'
import { verb, withProject } from '../command.ts'
import { inProject } from '../names.ts'

export function why(cli: Cli): Command {
  return withProject(verb('why', 'Says why something is as it is'))
    .argument('<thing>', 'REPO@BRANCH:PATH (a file), PIPELINE@JOB (a job), or PIPELINE')
    .option('--all', 'every fact instead of the first few of a kind')
    .argument('[datum]', 'a datum of that job: its id or one of its paths')
    .action(
      async (
        thing: string,
        datum: string | undefined,
        options: { project?: string; all?: boolean },
      ) => {
        const varve = await cli.open('read')
        const explanation = await varve.why(inProject(thing, options.project), datum)
        await cli.print(explanation, () =>
          [
            cli.style('bold', explanation.summary),
            ...shortened(explanation.facts, options.all === true).map((fact) => `  ${fact}`),
            '',
          ].join('\n'),
        )
      },
    )
}

const mostOfAKind = 6

/** A datum may read or write thousands of files: a few of them stand for the rest. */
function shortened(facts: readonly string[], all: boolean): readonly string[] {
  if (all) return facts
  const kindOf = (fact: string): string => fact.split(' ')[0] ?? ''
  const seen = new Map<string, number>()
  return facts.flatMap((fact, at) => {
    const kind = kindOf(fact)
    const count = (seen.get(kind) ?? 0) + 1
    seen.set(kind, count)
    if (count <= mostOfAKind) return [fact]
    const next = facts[at + 1]
    const isLast = next === undefined || kindOf(next) !== kind
    return isLast ? [`… and ${count - mostOfAKind} more of ${kind} (--all)`] : []
  })
}
