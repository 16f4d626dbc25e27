import type {
  DatumInfo,
  JobInfo,
  JobState,
  PipelineInfo,
  RunReason,
  SelectedDatum,
} from '../../engine/index.ts'
import type { Cli } from '../cli.ts'
import { bytes, duration, grouped, plural, shortId, timestamp } from '../format.ts'
import type { Colour, Style } from '../style.ts'
import { fields, table } from '../table.ts'
import { shortKey } from './key.ts'
import { when } from './repo.ts'
import type { ViewOptions } from './show.ts'
import { unreachable } from '../../util/index.ts'

const stateColours: Readonly<Record<JobState | DatumInfo['state'], Colour>> = {
  created: 'dim',
  running: 'blue',
  egressing: 'blue',
  finishing: 'blue',
  success: 'green',
  failure: 'red',
  killed: 'magenta',
  unrunnable: 'yellow',
  failed: 'red',
  recovered: 'yellow',
  skipped: 'dim',
  starting: 'dim',
}

export function stateText(style: Style, state: JobState | DatumInfo['state']): string {
  return style(stateColours[state], state)
}

export function pipelineTable(
  cli: Cli,
  options: ViewOptions,
  rows: readonly PipelineInfo[],
): string {
  if (rows.length === 0) return 'No pipelines yet: `varve create pipeline -f SPEC` makes one.\n'
  return table(
    rows,
    [
      { title: 'NAME', value: (row) => shortKey(row.key) },
      { title: 'VERSION', value: (row) => String(row.version), align: 'right' },
      { title: 'INPUT', value: (row) => inputText(row) },
      { title: 'CREATED', value: (row) => when(cli, options, row.createdAt) },
      { title: 'STATE / LAST JOB', value: (row) => pipelineState(cli.style, row) },
      { title: 'DESCRIPTION', value: (row) => row.spec.description },
    ],
    cli.style,
  )
}

function pipelineState(style: Style, row: PipelineInfo): string {
  const state = row.state === 'stopped' ? style('yellow', 'stopped') : row.state
  return row.lastJob === undefined ? state : `${state} / ${stateText(style, row.lastJob)}`
}

export function inputText(row: PipelineInfo): string {
  return row.sources.map(({ repo, branch }) => `${shortKey(repo)}@${branch}`).join(', ') || 'none'
}

export function pipelineFields(cli: Cli, info: PipelineInfo): string {
  const { spec } = info
  const lines = [
    ['Name', shortKey(info.key)],
    ['Version', String(info.version)],
    ['Description', spec.description || undefined],
    ['State', pipelineState(cli.style, info)],
    ['Created', timestamp(info.createdAt)],
    ['Updated', timestamp(info.updatedAt)],
    ['Inputs', inputText(info)],
    ['Output', `${shortKey(info.key)}@${spec.outputBranch}`],
    ['Transform', transformText(info)],
    ['Workers', spec.parallelism === undefined ? 'one for each core' : String(spec.parallelism)],
    ['Tries', String(spec.datumTries)],
    ['Cache', spec.cache ? 'on' : 'off'],
    ['Ignored', Object.keys(spec.ignored).join(', ') || undefined],
  ] as const
  return fields(lines, cli.style)
}

function transformText({ spec: { transform } }: PipelineInfo): string {
  switch (transform.kind) {
    case 'command':
      return [
        ...(transform.cmd ?? ['(of the image)']),
        ...(transform.stdin ? ['<', '…'] : []),
      ].join(' ')
    case 'operator':
      return `operator ${transform.operator} ${JSON.stringify(transform.params)}`
    case 'process':
      return `process ${transform.process.map(({ operator }) => operator).join(', ')}`
    default:
      return unreachable(transform)
  }
}

export function jobTable(cli: Cli, options: ViewOptions, rows: readonly JobInfo[]): string {
  if (rows.length === 0) return 'No jobs yet.\n'
  return table(
    rows,
    [
      { title: 'PIPELINE', value: (row) => shortKey(row.pipeline) },
      { title: 'ID', value: (row) => row.id },
      { title: 'STARTED', value: (row) => when(cli, options, row.startedAt) },
      { title: 'TOOK', value: (row) => tookText(row), align: 'right' },
      { title: 'PROGRESS', value: (row) => progressText(row) },
      { title: 'STATE', value: (row) => stateText(cli.style, row.state) },
    ],
    cli.style,
  )
}

/** `processed + skipped [+ recovered] / total`, as pachctl has it, and what came from the cache. */
export function progressText({ counters, state }: JobInfo): string {
  if (state === 'created') return '-'
  const { processed, skipped, recovered, failed, total, cached } = counters
  const parts = [`${grouped(processed)} + ${grouped(skipped)}`]
  if (recovered > 0) parts.push(`+ ${grouped(recovered)}`)
  parts.push(`/ ${grouped(total)}`)
  if (failed > 0) parts.push(`(${grouped(failed)} failed)`)
  else if (cached > 0) parts.push(`(${grouped(cached)} cached)`)
  return parts.join(' ')
}

/** Without the time between runs in which nobody worked on it. */
export function tookText({ startedAt, finishedAt, idleMs = 0 }: JobInfo): string {
  return startedAt === undefined || finishedAt === undefined
    ? '-'
    : duration(finishedAt - startedAt - idleMs)
}

export function jobFields(cli: Cli, info: JobInfo): string {
  const { counters } = info
  const lines = [
    ['Job', `${shortKey(info.pipeline)}@${info.id}`],
    ['State', stateText(cli.style, info.state)],
    ['Reason', info.reason],
    ['Pipeline version', String(info.version)],
    ['Created', timestamp(info.createdAt)],
    ['Started', info.startedAt === undefined ? undefined : timestamp(info.startedAt)],
    ['Resumed', info.resumedAt === undefined ? undefined : timestamp(info.resumedAt)],
    ['Took', info.finishedAt === undefined ? undefined : tookText(info)],
    [
      'Inputs',
      info.inputs.map(({ input, repo, id }) => `${input}: ${shortKey(repo)}@${id}`).join('\n'),
    ],
    ['Output', `${shortKey(info.pipeline)}@${info.id}`],
    ['Base', info.base],
    ['Datums', plural(counters.total, 'datum')],
    ['  processed', `${grouped(counters.processed)} (${grouped(counters.cached)} from the cache)`],
    ['  skipped', grouped(counters.skipped)],
    ['  recovered', counters.recovered > 0 ? grouped(counters.recovered) : undefined],
    ['  failed', counters.failed > 0 ? grouped(counters.failed) : undefined],
  ] as const
  return fields(lines, cli.style)
}

export function datumTable(cli: Cli, rows: readonly DatumInfo[], first = true): string {
  const text = table(
    rows,
    [
      { title: 'DATUM', value: (row) => shortId(row.id) },
      { title: 'FILES', value: (row) => datumPaths(row) },
      { title: 'STATE', value: (row) => stateText(cli.style, row.state) },
      {
        title: 'TIME',
        value: (row) => (row.cached ? 'cached' : duration(row.wallMs)),
        align: 'right',
      },
      { title: 'WHY IT RAN', value: (row) => reasonText(row.reason) },
    ],
    cli.style,
  )
  return first ? text : text.slice(text.indexOf('\n') + 1)
}

/** Datums of a spec: nothing ran yet, so there is nothing but what they read. */
export function selectedTable(cli: Cli, rows: readonly SelectedDatum[], first = true): string {
  const text = table(
    rows,
    [
      { title: 'PIPELINE', value: (row) => shortKey(row.pipeline) },
      { title: 'DATUM', value: (row) => shortId(row.id) },
      { title: 'FILES', value: (row) => datumPaths(row) },
      { title: 'SIZE', value: (row) => bytes(sizeOf(row)), align: 'right' },
    ],
    cli.style,
  )
  return first ? text : text.slice(text.indexOf('\n') + 1)
}

const sizeOf = ({ inputs }: SelectedDatum): number =>
  inputs.reduce((all, { size }) => all + size, 0)

const mostPaths = 3

export function datumPaths({ inputs }: Pick<DatumInfo, 'inputs'>): string {
  const shown = inputs.slice(0, mostPaths).map(({ name, path }) => `/${name}/${path}`)
  const more = inputs.length - shown.length
  return shown.join(', ') + (more > 0 ? ` and ${more} more` : '')
}

export function datumFields(cli: Cli, info: DatumInfo): string {
  const lines = [
    ['Datum', info.id],
    ['Job', `${shortKey(info.pipeline)}@${info.job}`],
    ['State', stateText(cli.style, info.state)],
    ['Message', info.message],
    ['Ran in', info.ranIn === info.job ? 'this job' : info.ranIn],
    ['Because', reasonText(info.reason)],
    ['Cached', info.cached ? 'yes' : 'no'],
    ['Tries', String(info.tries)],
    ['Started', info.startedAt === undefined ? undefined : timestamp(info.startedAt)],
    ['Took', info.startedAt === undefined ? undefined : duration(info.wallMs)],
    [
      'Inputs',
      info.inputs.map(({ name, path, digest }) => `/${name}/${path} ${shortId(digest)}`).join('\n'),
    ],
    [
      'Outputs',
      info.outputs.map(({ path, digest }) => `/${path} ${shortId(digest)}`).join('\n') || 'none',
    ],
    ['Fingerprint', info.fingerprint],
  ] as const
  return fields(lines, cli.style)
}

export function reasonText(reason: RunReason): string {
  switch (reason.kind) {
    case 'new':
      return 'it is new'
    case 'input changed':
      return `changed: ${reason.inputs.map(({ name, path }) => `/${name}/${path}`).join(', ')}`
    case 'code changed':
      return `the code changed: ${reason.fields.join(', ')}`
    case 'no base':
      return 'no earlier result to start from'
    case 'every job':
      return 'the spec says every job'
    case 'not done':
      return `it ${reason.state === 'failed' ? 'failed' : 'was only recovered'} before`
    default:
      return unreachable(reason)
  }
}
