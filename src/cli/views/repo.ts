import type { BranchInfo, CommitInfo, ProjectInfo, RepoInfo, TagInfo } from '../../engine/index.ts'
import type { Cli } from '../cli.ts'
import { age, bytes, duration, grouped, plural, shortId, timestamp } from '../format.ts'
import { fields, table } from '../table.ts'
import { shortKey } from './key.ts'
import type { ViewOptions } from './show.ts'

/** A time as the options ask for it. */
export function when(cli: Cli, options: ViewOptions, at: number | undefined): string {
  if (at === undefined) return '-'
  return options.fullTimestamps === true ? timestamp(at) : age(at, cli.clock.now())
}

export function projectTable(cli: Cli, options: ViewOptions, rows: readonly ProjectInfo[]): string {
  return table(
    rows,
    [
      { title: 'PROJECT', value: (row) => row.name },
      { title: 'CREATED', value: (row) => when(cli, options, row.createdAt) },
      { title: 'DESCRIPTION', value: (row) => row.description },
    ],
    cli.style,
  )
}

export function projectFields(cli: Cli, info: ProjectInfo): string {
  const lines = [
    ['Name', info.name],
    ['Created', timestamp(info.createdAt)],
    ['Description', info.description || undefined],
  ] as const
  return fields(lines, cli.style)
}

export function repoTable(cli: Cli, options: ViewOptions, rows: readonly RepoInfo[]): string {
  if (rows.length === 0) return 'No repos yet: `varve create repo NAME` makes one.\n'
  return table(
    rows,
    [
      { title: 'NAME', value: (row) => shortKey(row.repo) },
      { title: 'CREATED', value: (row) => when(cli, options, row.createdAt) },
      { title: 'SIZE (HEAD)', value: (row) => bytes(row.size), align: 'right' },
      { title: 'BRANCHES', value: (row) => row.branches.join(', ') || '-' },
      { title: 'DESCRIPTION', value: (row) => row.description },
    ],
    cli.style,
  )
}

export function repoFields(cli: Cli, info: RepoInfo): string {
  const lines = [
    ['Name', info.name],
    ['Project', info.project],
    ['Type', info.type],
    ['Description', info.description || undefined],
    ['Created', timestamp(info.createdAt)],
    ['Size of head', `${bytes(info.size)} (${plural(info.size, 'byte')})`],
    ['Branches', info.branches.join(', ') || 'none'],
    ['Lane', info.lane],
  ] as const
  return fields(lines, cli.style)
}

export function branchTable(cli: Cli, rows: readonly BranchInfo[]): string {
  if (rows.length === 0) return 'No branches yet: the first commit makes one.\n'
  return table(
    rows,
    [
      { title: 'BRANCH', value: (row) => `${shortKey(row.repo)}@${row.branch}` },
      { title: 'HEAD', value: (row) => row.head ?? '-' },
      { title: 'PROVENANCE', value: (row) => row.inputs.map(edge).join(', ') || '-' },
      { title: 'TRIGGER', value: (row) => triggerText(row) },
    ],
    cli.style,
  )
}

export function branchFields(cli: Cli, info: BranchInfo): string {
  const lines = [
    ['Name', `${shortKey(info.repo)}@${info.branch}`],
    ['Head', info.head ?? 'none'],
    ['Provenance', info.inputs.map(edge).join('\n') || undefined],
    ['Trigger', info.trigger === undefined ? undefined : triggerText(info)],
    ['Created', timestamp(info.createdAt)],
  ] as const
  return fields(lines, cli.style)
}

function edge({ repo, branch }: { repo: string; branch: string }): string {
  return `${shortKey(repo)}@${branch}`
}

function triggerText({ trigger }: BranchInfo): string {
  if (trigger === undefined) return '-'
  const conditions = [
    trigger.commits === undefined ? [] : [plural(trigger.commits, 'commit')],
    trigger.size === undefined ? [] : [bytes(trigger.size)],
    trigger.cron === undefined ? [] : [`cron ${trigger.cron}`],
    trigger.rateLimit === undefined ? [] : [`at most at ${trigger.rateLimit}`],
  ].flat()
  return `${trigger.branch} on ${conditions.join(trigger.all === true ? ' and ' : ' or ')}`
}

export function commitTable(cli: Cli, options: ViewOptions, rows: readonly CommitInfo[]): string {
  if (rows.length === 0) return 'No commits.\n'
  return table(
    rows,
    [
      { title: 'REPO', value: (row) => shortKey(row.repo) },
      { title: 'BRANCH', value: (row) => row.branch },
      { title: 'COMMIT', value: (row) => row.id },
      { title: 'FINISHED', value: (row) => finishedText(cli, options, row) },
      { title: 'SIZE', value: (row) => bytes(row.size), align: 'right' },
      { title: 'ORIGIN', value: (row) => row.origin },
      { title: 'DESCRIPTION', value: (row) => row.message },
    ],
    cli.style,
  )
}

function finishedText(cli: Cli, options: ViewOptions, row: CommitInfo): string {
  if (row.finishedAt === undefined) return cli.style('yellow', 'open')
  const text = when(cli, options, row.finishedAt)
  return row.error === undefined ? text : `${text} ${cli.style('red', 'with an error')}`
}

export function commitFields(cli: Cli, info: CommitInfo): string {
  const took =
    info.finishedAt === undefined ? '' : ` (${duration(info.finishedAt - info.startedAt)})`
  const lines = [
    ['Commit', `${shortKey(info.repo)}@${info.id}`],
    ['Branch', info.branch],
    ['Description', info.message || undefined],
    ['Parent', info.parent],
    ['Merged', info.merged],
    ['Origin', info.origin],
    ['Started', timestamp(info.startedAt)],
    ['Finished', info.finishedAt === undefined ? 'still open' : timestamp(info.finishedAt) + took],
    ['Error', info.error],
    ['Files', grouped(info.count)],
    ['Size', `${bytes(info.size)} (${plural(info.size, 'byte')})`],
    ['Tree', info.files],
    [
      'Provenance',
      info.provenance.map(({ repo, id }) => `${shortKey(repo)}@${id}`).join('\n') || undefined,
    ],
  ] as const
  return fields(lines, cli.style)
}

/** As `git log` lays commits out. */
export function commitLog(cli: Cli, rows: readonly CommitInfo[]): string {
  const entries = rows.map((row) => {
    const id = cli.style('yellow', `commit ${row.id}`)
    const state = row.error !== undefined ? ' (error)' : row.state === 'open' ? ' (open)' : ''
    const size = `${plural(row.count, 'file')}, ${bytes(row.size)}`
    const at = row.finishedAt ?? row.startedAt
    const date = `${timestamp(at)} (${age(at, cli.clock.now())})`
    const message = row.message === '' ? '' : `\n    ${row.message.replaceAll('\n', '\n    ')}\n`
    return `${id}${cli.style('red', state)}\nBranch: ${row.branch}, ${row.origin}\nDate:   ${date}\nHolds:  ${size}\n${message}`
  })
  return entries.length === 0 ? 'No commits.\n' : entries.join('\n')
}

export function tagTable(cli: Cli, rows: readonly TagInfo[]): string {
  if (rows.length === 0) return 'No tags.\n'
  return table(
    rows,
    [
      { title: 'REPO', value: (row) => shortKey(row.repo) },
      { title: 'TAG', value: (row) => row.tag },
      { title: 'COMMIT', value: (row) => shortId(row.id) },
    ],
    cli.style,
  )
}
