import { isVarveError } from '../../model/index.ts'
import { checkCron } from '../cron.ts'
import { compileGlob } from '../glob/glob.ts'
import type { CronInput, Input, PfsInput, Trigger } from '../types.ts'
import { checkedName } from './checked-name.ts'
import type { WrittenInput } from './pipeline-schema.ts'
import type { FaultPath, Walked } from './spec-walk.ts'

interface InputContext {
  readonly project: string
  readonly pipeline: string
  readonly fault: Walked['fault']
}

const compositeKinds = ['cross', 'union', 'join', 'group'] as const

export function effectiveInput(written: WrittenInput, context: InputContext): Input {
  const input = readNode(written, context, ['input'])
  checkNames(input, context, ['input'])
  return input
}

function readNode(written: WrittenInput, context: InputContext, path: FaultPath): Input {
  const kinds = (['pfs', 'cron', ...compositeKinds] as const).filter((kind) => written[kind])
  if (kinds.length > 1) {
    const listed = kinds.map((kind) => `"${kind}"`).join(' and ')
    context.fault(path, `multiple input types set: ${listed}; put them into a "cross" or "union"`)
  }
  if (written.pfs !== undefined) return readPfs(written.pfs, context, [...path, 'pfs'])
  if (written.cron !== undefined) return readCron(written.cron, context, [...path, 'cron'])
  for (const kind of compositeKinds) {
    const members = written[kind]
    if (members === undefined) continue
    const inputs = members.map((member, at) => readNode(member, context, [...path, kind, at]))
    return { kind, inputs }
  }
  context.fault(path, 'give one of "pfs", "cron", "cross", "union", "join" and "group"')
  return { kind: 'union', inputs: [] }
}

function readPfs(
  written: NonNullable<WrittenInput['pfs']>,
  context: InputContext,
  path: FaultPath,
): PfsInput {
  const { fault } = context
  const name = written.name ?? written.repo
  if (name === 'out') fault(path, 'the name "out" is taken by the output; give another "name"')
  else checkedName('input', name, [...path, written.name === undefined ? 'repo' : 'name'], fault)
  checkedName('repo', written.repo, [...path, 'repo'], fault)
  if (written.branch !== undefined) {
    checkedName('branch', written.branch, [...path, 'branch'], fault)
  }
  if (written.repo_type !== undefined && written.repo_type !== 'user') {
    fault([...path, 'repo_type'], `repos of type "${written.repo_type}" cannot be inputs`, {
      code: 'NOT_SUPPORTED',
    })
  }
  const input: PfsInput = {
    kind: 'pfs',
    name,
    project: written.project ?? context.project,
    repo: written.repo,
    repoType: written.repo_type ?? 'user',
    branch: written.branch ?? 'master',
    glob: written.glob,
    joinOn: written.join_on ?? '',
    outerJoin: written.outer_join ?? false,
    groupBy: written.group_by ?? '',
    lazy: written.lazy ?? false,
    emptyFiles: written.empty_files ?? false,
    reference: written.reference ?? false,
    propagate: written.propagation_spec?.never !== true,
    trigger: readTrigger(written, fault, [...path, 'trigger']),
  }
  checkGlob(input, fault, path)
  return input
}

function checkGlob(input: PfsInput, fault: Walked['fault'], path: FaultPath): void {
  try {
    const { captureCount } = compileGlob(input.glob)
    for (const [field, template] of [
      ['join_on', input.joinOn],
      ['group_by', input.groupBy],
    ] as const) {
      const groups = Array.from(template.matchAll(/\$\{?(\d+)/g), ([, digits]) => Number(digits))
      const missing = groups.find((group) => group > captureCount)
      if (missing === undefined) continue
      const has = captureCount === 0 ? 'no group' : `${captureCount} group(s)`
      fault(
        [...path, field],
        `$${missing} is always empty: the glob "${input.glob}" has ${has} in parentheses`,
        { severity: 'warning' },
      )
    }
  } catch (error) {
    if (!isVarveError(error, 'GLOB_INVALID')) throw error
    fault([...path, 'glob'], error.message, { code: 'GLOB_INVALID' })
  }
}

function readTrigger(
  { trigger }: NonNullable<WrittenInput['pfs']>,
  fault: Walked['fault'],
  path: FaultPath,
): Trigger | undefined {
  if (trigger === undefined) return undefined
  checkedName('branch', trigger.branch, [...path, 'branch'], fault)
  const { size, commits, rate_limit_spec: rateLimitSpec, cron_spec: cronSpec } = trigger
  const conditions = [size, commits, rateLimitSpec, cronSpec]
  if (conditions.every((condition) => condition === undefined)) {
    fault(path, 'give "size", "commits", "rate_limit_spec" or "cron_spec": it would never fire')
  }
  checkCronField(rateLimitSpec, [...path, 'rate_limit_spec'], fault)
  checkCronField(cronSpec, [...path, 'cron_spec'], fault)
  return {
    branch: trigger.branch,
    all: trigger.all ?? false,
    sizeBytes: size,
    commits,
    rateLimitSpec,
    cronSpec,
  }
}

function checkCronField(spec: string | undefined, path: FaultPath, fault: Walked['fault']): void {
  const problem = spec === undefined ? undefined : checkCron(spec)
  if (problem !== undefined) fault(path, problem)
}

function readCron(
  written: NonNullable<WrittenInput['cron']>,
  context: InputContext,
  path: FaultPath,
): CronInput {
  checkedName('input', written.name, [...path, 'name'], context.fault)
  if (written.name === 'out')
    context.fault([...path, 'name'], 'the name "out" is taken by the output')
  checkCronField(written.spec, [...path, 'spec'], context.fault)
  return {
    kind: 'cron',
    name: written.name,
    project: written.project ?? context.project,
    repo: written.repo ?? `${context.pipeline}_${written.name}`,
    branch: 'master',
    glob: '/*',
    joinOn: '',
    outerJoin: false,
    groupBy: '',
    lazy: false,
    emptyFiles: false,
    reference: false,
    spec: written.spec,
    overwrite: written.overwrite ?? false,
    startMs: written.start === undefined ? undefined : Date.parse(written.start),
  }
}

/** Names that can meet in one datum must differ; members of a union never meet. */
function checkNames(input: Input, context: InputContext, path: FaultPath): Set<string> {
  if (input.kind === 'pfs' || input.kind === 'cron') return new Set([input.name])
  const names = new Set<string>()
  for (const [at, member] of input.inputs.entries()) {
    const here = [...path, input.kind, at]
    for (const name of checkNames(member, context, here)) {
      if (names.has(name) && input.kind !== 'union') {
        context.fault(here, `two inputs are named "${name}"; give one another "name"`)
      }
      names.add(name)
    }
  }
  return names
}
