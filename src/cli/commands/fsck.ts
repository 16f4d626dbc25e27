import type { Command } from 'commander'
import { VarveError } from '../../model/index.ts'
import type { Varve } from '../../engine/index.ts'
import type { Cli } from '../cli.ts'
import { verb, withProject } from '../command.ts'
import { bytes, plural } from '../format.ts'
import { inProject } from '../names.ts'
import { findZombies, lastGoodJobs, type ZombieReport } from '../zombie-files.ts'

type Fault = Awaited<ReturnType<Varve['fsck']>>['faults'][number]
type Kind = Fault['kind']

const cacheFaults: ReadonlySet<Kind> = new Set<Kind>(['catalog wrong', 'index wrong'])
const damages: ReadonlySet<Kind> = new Set<Kind>([
  'record damaged',
  'record missing',
  'node damaged',
  'segment damaged',
])

/** Damage first: a cache made anew from damaged segments would know less than the old one. */
function adviceFor(faults: readonly Fault[]): string {
  if (faults.some(({ kind }) => damages.has(kind)))
    return 'Save what you need, which is read as before; then `varve repair` keeps what is whole and says what is lost.'
  if (faults.some(({ kind }) => cacheFaults.has(kind)))
    return 'Run `varve reindex`: it is rebuilt from the segments and nothing is lost.'
  return 'No segment holds what is missing: put the same bytes again, or drop the commits that need them.'
}

interface FsckFlags {
  readonly readData?: boolean
  readonly fix?: boolean
  readonly zombie?: string
  readonly zombieAll?: boolean
  readonly project?: string
}

export function fsck(cli: Cli): Command {
  return withProject(verb('fsck', 'Checks branches, commits, trees and items; changes nothing'))
    .option('--read-data', 'read every byte and compare it with its digest')
    .option('-f, --fix', 'not here: `varve repair` mends')
    .option('--zombie <pipeline@commit>', 'only: files of this output commit that no datum wrote')
    .option('--zombie-all', 'only: the same for the last good commit of every pipeline')
    .action(async (flags: FsckFlags) => {
      const varve = await cli.open('read')
      if (flags.zombie !== undefined) {
        const job = varve.jobs.inspect(inProject(flags.zombie, flags.project))
        return reportZombies(cli, await findZombies(varve, [job]))
      }
      if (flags.zombieAll === true) {
        return reportZombies(cli, await findZombies(varve, lastGoodJobs(varve)))
      }
      const report = await varve.fsck({ readData: flags.readData === true })
      const { commits, nodes, items, faults } = report
      if (faults.length > 0) {
        throw new VarveError('CHECK_FAILED', {
          what: `fsck found ${plural(faults.length, 'fault')}.`,
          next: adviceFor(faults),
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

async function reportZombies(cli: Cli, report: ZombieReport): Promise<void> {
  const { commits, files, zombies } = report
  if (zombies.length > 0) {
    throw new VarveError('CHECK_FAILED', {
      what: `${plural(zombies.length, 'file')} of output commits no datum wrote: ${zombies.slice(0, 10).join(', ')}.`,
      next: 'Run `varve rerun pipeline PIPELINE --reprocess`, and report it: this is a bug in Varve.',
      data: { ...report },
    })
  }
  await cli.print(
    report,
    () =>
      `No zombies: datums wrote all of ${plural(files, 'file')} in ${plural(commits, 'commit')}.\n`,
  )
}
