import { InvalidArgumentError, type Command } from 'commander'
import type { GarbageReport } from '../../engine/index.ts'
import type { Cli } from '../cli.ts'
import { verb } from '../command.ts'
import { bytes, plural } from '../format.ts'

export function gc(cli: Cli): Command {
  return verb('gc', 'Gives back the space of items nothing refers to; safe to stop at any time')
    .option('--dry-run', 'say what would be freed, and free nothing')
    .option(
      '--cache-days <days>',
      'forget results of jobs that are gone and that nobody used for so long (default 30)',
      parseDays,
    )
    .action(async (flags: { dryRun?: boolean; cacheDays?: number }) => {
      const varve = await cli.open(flags.dryRun === true ? 'read' : 'write')
      const days = flags.cacheDays
      const limits = days === undefined ? {} : { maxAgeMs: days * 24 * 3600 * 1000 }
      const report = await varve.gc({ dryRun: flags.dryRun === true, ...limits })
      const verb = report.dryRun ? 'Would free' : 'Freed'
      await cli.print(
        report,
        () =>
          `${verb} ${bytes(report.freedBytes)}: ${plural(report.deadItems, 'item')} nothing refers to${recordsText(report)}.\n` +
          cacheLine(report) +
          `In use: ${plural(report.liveItems, 'item')}, ${bytes(report.liveBytes)}.\n`,
      )
    })
}

function recordsText({ deadRecords }: GarbageReport): string {
  return deadRecords === 0 ? '' : `, ${plural(deadRecords, 'record')} that one checkpoint replaces`
}

/** In a dry run the results are still there, so what they alone hold is not in the sum above. */
function cacheLine({ dryRun, cache }: GarbageReport): string {
  if (cache.dropped === 0) return ''
  const verb = dryRun ? 'Would forget' : 'Forgot'
  const count = plural(cache.dropped, 'cached result')
  return `${verb} ${count} (${bytes(cache.droppedBytes)}) that nobody used for long.\n`
}

function parseDays(text: string): number {
  const days = Number(text)
  if (text.trim() !== '' && days >= 0) return days
  throw new InvalidArgumentError('It must be a number of days.')
}
