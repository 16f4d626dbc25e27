import type { IngestReport } from '../../engine/index.ts'
import type { Cli } from '../cli.ts'
import { grouped, plural } from '../format.ts'
import { table } from '../table.ts'
import { shortKey } from './key.ts'
import { serviceLine } from './service.ts'

/** Queue, states, errors and hosts of each repo that is filled from lists. */
export function ingestText(cli: Cli, reports: readonly IngestReport[]): string {
  return reports.map((report) => repoText(cli, report)).join('')
}

function repoText(cli: Cli, report: IngestReport): string {
  const { repo, statuses, errors, waiting, service } = report
  const states = Object.entries(statuses).map(([name, rows]) => `${name} ${grouped(rows)}`)
  const lines = [
    '',
    `${cli.style('bold', shortKey(repo))}: ${plural(report.rows, 'row')} of ${plural(report.lists.length, 'list')} ended${waiting === undefined ? '' : `, ${grouped(waiting)} waiting`}`,
    ...(states.length > 0 ? [`  ${states.join(', ')}`] : []),
    service === undefined
      ? (waiting ?? 0) > 0
        ? `  No service runs: \`varve service --repo ${shortKey(repo)}\` fetches them.`
        : ''
      : `  service (process ${service.pid}): ${serviceLine(service)}`,
  ].filter((line, at) => at === 0 || line !== '')
  const busy = (service?.hosts ?? []).slice(0, 10)
  return [
    `${lines.join('\n')}\n`,
    busy.length === 0 ? '' : `\n${hostTable(cli, busy)}`,
    errors.length === 0 ? '' : `\n${errorTable(cli, errors)}`,
  ].join('')
}

function hostTable(cli: Cli, hosts: NonNullable<IngestReport['service']>['hosts']): string {
  return table(
    hosts,
    [
      { title: 'HOST', value: (row) => row.host },
      { title: 'CONDITION', value: (row) => row.condition },
      { title: 'ACTIVE', value: (row) => grouped(row.active), align: 'right' },
      { title: 'WAITING', value: (row) => grouped(row.waiting), align: 'right' },
      { title: 'ANSWERED', value: (row) => grouped(row.answered), align: 'right' },
      { title: 'FAILED', value: (row) => grouped(row.failed), align: 'right' },
    ],
    cli.style,
  )
}

/** Why rows failed, the most frequent first. */
export function errorTable(cli: Cli, errors: IngestReport['errors']): string {
  return table(
    errors,
    [
      { title: 'ROWS', value: (row) => grouped(row.rows), align: 'right' },
      { title: 'ERROR', value: (row) => row.error },
    ],
    cli.style,
  )
}
