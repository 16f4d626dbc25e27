import type { Command } from 'commander'
import type { RepairReport } from '../../engine/index.ts'
import type { Cli } from '../cli.ts'
import { verb } from '../command.ts'
import { plural } from '../format.ts'
import { shortKey } from '../views/key.ts'

type LostCommit = RepairReport['lostCommits'][number]

const mostNamed = 50

function lostLine({ repo, id, branch, message }: LostCommit): string {
  return `lost commit ${shortKey(repo)}@${id} on ${branch}${message === '' ? '' : `: ${message}`}\n`
}

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
        const { repaired, lostRecords, lostCommits } = report
        if (repaired.length + lostRecords.length === 0)
          return 'Nothing to repair; the index was rebuilt.\n'
        const lines = repaired.map(({ segment, membersKept, copy }) => {
          const kept = copy === undefined ? '' : `; the old bytes are in ${copy}`
          return `repaired ${segment}: ${plural(membersKept, 'member')} kept${kept}\n`
        })
        if (lostRecords.length > 0)
          lines.push(`${plural(lostRecords.length, 'record')} lost for good\n`)
        lines.push(...lostCommits.slice(0, mostNamed).map(lostLine))
        const more = lostCommits.length - mostNamed
        if (more > 0) lines.push(`… and ${plural(more, 'commit')} more lost\n`)
        lines.push('Run `varve fsck`: it names the files that lost their bytes.\n')
        return lines.join('')
      })
    })
}
