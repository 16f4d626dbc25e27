import type { Cli } from './cli.ts'

/** The one form of every dry run: what would go, and that nothing went. */
export async function wouldDelete(cli: Cli, things: readonly string[]): Promise<void> {
  await cli.print({ dryRun: true, wouldDelete: things }, () =>
    [...things.map((thing) => `would delete ${thing}`), 'Nothing was deleted.', ''].join('\n'),
  )
}
