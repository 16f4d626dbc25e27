import type { Command } from 'commander'
import type { Cli } from '../cli.ts'
import { verb } from '../command.ts'

export function repair(cli: Cli): Command {
  return verb('repair', 'Cuts damage out of the segments, keeping it aside, and rebuilds the index')
    .option('--dry-run', 'say what would be cut, and change nothing')
    .action(async (flags: { dryRun?: boolean }) => {
      const { repairStore } = await import('../../engine/index.ts')
      const report = await repairStore(cli.directory, { dryRun: flags.dryRun === true })
      await cli.print(report, () => {
        if (report.actions.length === 0) return 'Nothing to repair.\n'
        const would = flags.dryRun === true ? 'would ' : ''
        return report.actions.map((action) => `${would}${action}\n`).join('')
      })
    })
}
