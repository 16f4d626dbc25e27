import type { Command } from 'commander'
import { resolve } from 'node:path'
import type { Cli } from '../cli.ts'
import { verb } from '../command.ts'

interface ApplyFlags {
  readonly file?: string
  readonly dryRun?: boolean
}

export function apply(cli: Cli): Command {
  return verb('apply', 'Creates and updates what varve.yaml declares; again and again is safe')
    .option('-f, --file <file>', 'the project file (default: varve.yaml of the project)')
    .option('--dry-run', 'say what would change, and change nothing')
    .action(async (flags: ApplyFlags) => {
      const varve = await cli.open(flags.dryRun === true ? 'read' : 'write')
      const report = await varve.apply({
        ...(flags.file === undefined ? {} : { file: resolve(cli.workingDirectory, flags.file) }),
        dryRun: flags.dryRun === true,
      })
      for (const warning of report.warnings) {
        cli.note(`${cli.noteStyle('yellow', 'note:')} ${warning}`)
      }
      await cli.print(report, () => {
        if (report.changes.length === 0) return 'Nothing to change: all is as declared.\n'
        const verb = flags.dryRun === true ? 'would ' : ''
        return report.changes.map((change) => `${verb}${change.text}\n`).join('')
      })
    })
}
