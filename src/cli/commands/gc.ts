import type { Command } from 'commander'
import type { Cli } from '../cli.ts'
import { verb } from '../command.ts'
import { bytes, plural } from '../format.ts'

export function gc(cli: Cli): Command {
  return verb('gc', 'Gives back the space of items nothing refers to; safe to stop at any time')
    .option('--dry-run', 'say what would be freed, and free nothing')
    .action(async (flags: { dryRun?: boolean }) => {
      const varve = await cli.open('write')
      const report = await varve.gc({ dryRun: flags.dryRun === true })
      const verb = report.dryRun ? 'Would free' : 'Freed'
      await cli.print(
        report,
        () =>
          `${verb} ${bytes(report.freedBytes)}: ${plural(report.deadItems, 'item')} nothing refers to.\n` +
          `In use: ${plural(report.liveItems, 'item')}, ${bytes(report.liveBytes)}.\n`,
      )
    })
}
