import type { Command } from 'commander'
import type { Cli } from '../cli.ts'
import { verb } from '../command.ts'
import { plural } from '../format.ts'

export function repair(cli: Cli): Command {
  return verb('repair', 'Replaces damaged segments by what is whole in them, keeping the old bytes')
    .addHelpText(
      'after',
      '\nReads every byte. Items that were damaged are gone; putting the same bytes again heals them.\n',
    )
    .action(async () => {
      const { repairStore } = await import('../../engine/index.ts')
      const report = await repairStore(cli.directory)
      await cli.print(report, () => {
        const { repaired, lostRecords } = report
        if (repaired.length === 0) return 'Nothing to repair; the index was rebuilt.\n'
        const lines = repaired.map(({ segment, membersKept, copy }) => {
          const kept = copy === undefined ? '' : `; the old bytes are in ${copy}`
          return `repaired ${segment}: ${plural(membersKept, 'member')} kept${kept}\n`
        })
        if (lostRecords.length > 0)
          lines.push(`${plural(lostRecords.length, 'record')} lost for good\n`)
        return lines.join('')
      })
    })
}
