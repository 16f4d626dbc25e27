import { setTimeout as pause } from 'node:timers/promises'
import type { Command } from 'commander'
import type { IngestReport, Status, Varve } from '../../engine/index.ts'
import type { Cli } from '../cli.ts'
import { verb } from '../command.ts'
import { bytes, plural, shortId } from '../format.ts'
import { fields, table } from '../table.ts'
import { ingestText } from '../views/ingest.ts'
import { inputText, stateText } from '../views/job.ts'
import { shortKey } from '../views/key.ts'
import { when } from '../views/repo.ts'

const watchEveryMs = 1000

export function status(cli: Cli): Command {
  return verb('status', 'Shows what there is and what is not up to date')
    .option('--watch', 'again every second, until Ctrl-C')
    .action(async (options: { readonly watch?: boolean }) => {
      if (options.watch === true) return watch(cli)
      const varve = await cli.open('read')
      const report = { ...(await varve.status()), ingest: await ingestOf(varve) }
      await cli.print(report, () => statusText(cli, report) + ingestText(cli, report.ingest))
    })
}

/** With `--json` one line a second; on a terminal the screen is drawn anew. */
async function watch(cli: Cli): Promise<void> {
  const varve = await cli.open('read')
  while (!cli.signal.aborted) {
    const report = { ...(await varve.status()), ingest: await ingestOf(varve) }
    const text = (): string => statusText(cli, report) + ingestText(cli, report.ingest)
    await cli.printLine(report, () => (cli.live ? `\u001B[H\u001B[2J${text()}` : text()).trimEnd())
    await pause(watchEveryMs, undefined, { signal: cli.signal }).catch(() => undefined)
  }
}

/** A project that never saw a list does not load what knows of lists. */
async function ingestOf(varve: Varve): Promise<readonly IngestReport[]> {
  return varve.hasIngest() ? (await varve.ingest()).report() : []
}

function statusText(cli: Cli, report: Status): string {
  const { repos, pipelines, dueJobs, openCommits } = report
  const head = fields(
    [
      ['Project', report.directory],
      ['Store', `${bytes(report.storeBytes)} in ${plural(report.segments, 'segment')}`],
      ['Writer', report.writer],
    ],
    cli.style,
  )
  const parts = [head]
  if (repos.length > 0) parts.push(repoLines(cli, report))
  if (pipelines.length > 0) parts.push(pipelineLines(cli, report))
  for (const { repo, branch, id } of openCommits) {
    parts.push(
      `${cli.style('yellow', 'open:')} commit ${shortKey(repo)}@${branch} (${shortId(id)}); \`varve finish commit ${shortKey(repo)}@${branch}\` ends it.\n`,
    )
  }
  parts.push(dueText(cli, report, dueJobs.length))
  return parts.join('\n')
}

function repoLines(cli: Cli, { repos }: Status): string {
  return table(
    repos,
    [
      { title: 'REPO', value: (row) => shortKey(row.repo) },
      { title: 'BRANCH', value: (row) => row.branch },
      { title: 'FILES', value: (row) => String(row.count), align: 'right' },
      { title: 'SIZE', value: (row) => bytes(row.size), align: 'right' },
      { title: 'CHANGED', value: (row) => when(cli, {}, row.changedAt) },
    ],
    cli.style,
  )
}

function pipelineLines(cli: Cli, { pipelines }: Status): string {
  return table(
    pipelines,
    [
      { title: 'PIPELINE', value: (row) => shortKey(row.key) },
      { title: 'INPUT', value: (row) => inputText(row) },
      { title: 'LAST JOB', value: (row) => lastJobText(cli, row) },
    ],
    cli.style,
  )
}

function lastJobText(cli: Cli, { state, lastJob }: Status['pipelines'][number]): string {
  const last = lastJob === undefined ? '-' : stateText(cli.style, lastJob)
  return state === 'stopped' ? `${last} ${cli.style('yellow', '(stopped)')}` : last
}

function dueText(cli: Cli, { pipelines }: Status, due: number): string {
  if (due > 0)
    return `${cli.style('yellow', plural(due, 'job'))} to run: \`varve plan\` shows what, \`varve run\` does it.\n`
  const failed = pipelines.filter(({ lastJob }) => lastJob === 'failure' || lastJob === 'killed')
  if (failed.length > 0) {
    const names = failed.map(({ key }) => shortKey(key)).join(', ')
    return `${cli.style('red', 'Failed:')} ${names}. \`varve why ${shortKey(failed[0]?.key ?? '')}\` says why.\n`
  }
  return pipelines.length === 0
    ? 'No pipelines.\n'
    : `${cli.style('green', 'All is up to date.')}\n`
}
