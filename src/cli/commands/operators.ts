import type { Command } from 'commander'
import type { OperatorDescription } from '../../engine/index.ts'
import type { Cli } from '../cli.ts'
import { verb } from '../command.ts'
import { table } from '../table.ts'

export function operators(cli: Cli): Command {
  return verb('operators', 'Lists the built-in operators; with a name: its parameters')
    .argument('[name]', 'one operator')
    .action(async (name: string | undefined) => {
      const { operatorCatalogue } = await import('../../engine/index.ts')
      const known = await operatorCatalogue(name)
      if (name !== undefined)
        return cli.print(known[0], () => known.map((one) => operatorText(cli, one)).join(''))
      return cli.print(known, () =>
        table(
          known,
          [
            { title: 'OPERATOR', value: (row) => row.name },
            { title: 'VERSION', value: (row) => String(row.version), align: 'right' },
            { title: 'WHAT IT DOES', value: (row) => row.summary },
          ],
          cli.style,
        ),
      )
    })
}

interface ParameterSchema {
  readonly type?: string
  readonly default?: unknown
  readonly description?: string
}

function operatorText(cli: Cli, one: OperatorDescription): string {
  const parameters = Object.entries(
    (one.params['properties'] ?? {}) as Readonly<Record<string, ParameterSchema>>,
  )
  const head = `${cli.style('bold', one.name)} (version ${one.version})\n${one.summary}\n`
  if (parameters.length === 0) return `${head}\nNo parameters.\n`
  return `${head}\n${table(
    parameters,
    [
      { title: 'PARAMETER', value: ([name]) => name },
      { title: 'TYPE', value: ([, schema]) => schema.type ?? '' },
      { title: 'DEFAULT', value: ([, schema]) => JSON.stringify(schema.default) ?? '(required)' },
      { title: 'MEANING', value: ([, schema]) => schema.description ?? '' },
    ],
    cli.style,
  )}`
}
