import type { BranchChange, BranchInput, RepoKey } from '../engine/index.ts'
import { VarveError } from '../model/index.ts'
import { commitReference } from './names.ts'

export interface BranchOptions {
  readonly head?: string
  readonly provenance?: readonly string[]
  readonly trigger?: string
  readonly triggerSize?: string
  readonly triggerCommits?: number
  readonly triggerCron?: string
  readonly triggerRateLimit?: string
  readonly triggerAll?: boolean
  readonly project?: string
}

/** The change `create branch` asks for, from its options. */
export function branchChange(options: BranchOptions, branch: string): BranchChange {
  const { head, provenance, trigger } = options
  return {
    ...(head === undefined ? {} : { head: headReference(head, branch) }),
    ...(provenance === undefined ? {} : { inputs: provenance.map((text) => edge(text, options)) }),
    ...(trigger === undefined ? {} : { trigger: triggerOf(trigger, options) }),
  }
}

/** `--head master` and `--head <id>` mean the same repo. */
function headReference(head: string, branch: string): string {
  return head.includes('@') ? head : `${branch.slice(0, branch.indexOf('@'))}@${head}`
}

function edge(text: string, { project }: BranchOptions): BranchInput {
  const reference = commitReference(text, project ?? 'default')
  const at = reference.indexOf('@')
  return { repo: reference.slice(0, at) as RepoKey, branch: reference.slice(at + 1) }
}

function triggerOf(branch: string, options: BranchOptions): NonNullable<BranchChange['trigger']> {
  const { triggerSize, triggerCommits, triggerCron, triggerRateLimit, triggerAll } = options
  return {
    branch,
    ...(triggerSize === undefined ? {} : { size: byteCount(triggerSize) }),
    ...(triggerCommits === undefined ? {} : { commits: triggerCommits }),
    ...(triggerCron === undefined ? {} : { cron: triggerCron }),
    ...(triggerRateLimit === undefined ? {} : { rateLimit: triggerRateLimit }),
    ...(triggerAll === undefined ? {} : { all: triggerAll }),
  }
}

const powers: Readonly<Record<string, number>> = { '': 0, K: 1, M: 2, G: 3, T: 4 }

/** "10MB", "1K", "512": powers of 1000, as upstream reads them; "MiB" for powers of 1024. */
export function byteCount(text: string): number {
  const match = /^(\d+(?:\.\d+)?)\s*([KMGT]?)(i?)B?$/i.exec(text.trim())
  if (match === null) {
    throw new VarveError('USAGE', {
      what: `"${text}" is not a size.`,
      next: 'Write it like 512, 10MB or 1GiB.',
    })
  }
  const [, number = '0', unit = '', binary = ''] = match
  return Math.round(
    Number(number) * (binary === '' ? 1000 : 1024) ** (powers[unit.toUpperCase()] ?? 0),
  )
}
