import type { Command } from 'commander'
import type { Cli } from '../cli.ts'
import { verb } from '../command.ts'
import { duration, plural } from '../format.ts'

export function reindex(cli: Cli): Command {
  return verb('reindex', 'Rebuilds the index from the segments alone').action(async () => {
    const { reindexStore } = await import('../../engine/index.ts')
    const startedAt = cli.clock.now()
    const report = await reindexStore(cli.directory)
    const took = duration(cli.clock.now() - startedAt)
    await cli.print(
      report,
      () => `Rebuilt the index: ${plural(report.records, 'record')} in ${took}.\n`,
    )
  })
}
