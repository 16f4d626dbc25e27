import type { Command } from 'commander'
import { VarveError } from '../../model/index.ts'
import type { Cli } from '../cli.ts'
import { verb } from '../command.ts'
import { bytes, plural } from '../format.ts'

interface FsckFlags {
  readonly readData?: boolean
  readonly fix?: boolean
}

export function fsck(cli: Cli): Command {
  return verb('fsck', 'Checks branches, commits, trees and items; changes nothing')
    .option('--read-data', 'read every byte and compare it with its digest')
    .option('-f, --fix', 'not here: `varve repair` mends')
    .action(async (flags: FsckFlags) => {
      const varve = await cli.open('read')
      const report = await varve.fsck({ readData: flags.readData === true })
      const { commits, nodes, items, faults } = report
      if (faults.length > 0) {
        throw new VarveError('CHECK_FAILED', {
          what: `fsck found ${plural(faults.length, 'fault')}.`,
          next: 'Run `varve reindex` when only the index is wrong, else `varve repair`.',
          data: {
            ...report,
            faults: faults.map((fault) => {
              const { kind, subject, what } = fault
              return { ...fault, message: `${kind}: ${subject}: ${what}` }
            }),
          },
        })
      }
      const read = flags.readData === true ? `, ${bytes(report.bytes)} read` : ''
      await cli.print(
        report,
        () =>
          `No faults: ${plural(commits, 'commit')}, ${plural(nodes, 'tree node')}, ${plural(items, 'item')}${read}.\n`,
      )
    })
}
