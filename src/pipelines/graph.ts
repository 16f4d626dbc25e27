import { VarveError } from '../model/index.ts'
import { leafInputs } from './inputs/input-tree.ts'
import type { LeafInput, PipelineSpec } from './types.ts'

type Reads = Pick<PipelineSpec, 'project' | 'name' | 'input'>

/**
 * Some pipelines in an order in which they can be created: each after those whose output it reads,
 * otherwise as they came. `repoExists` answers for repos that no given pipeline makes (a repo that a
 * cron input makes for itself need not exist). Fails with REPO_NOT_FOUND, which lists every missing
 * repo, or with CYCLE, which names the whole loop.
 */
export function orderPipelines<Spec extends Reads>(
  specs: readonly Spec[],
  repoExists: (project: string, repo: string) => boolean,
): Spec[] {
  const byKey = new Map(specs.map((spec) => [keyOf(spec.project, spec.name), spec]))
  refuseMissing(specs, (leaf) => byKey.has(leafKey(leaf)) || repoExists(leaf.project, leaf.repo))
  const ordered: Spec[] = []
  const state = new Map<string, 'entered' | 'left'>()
  for (const start of byKey.keys()) if (!state.has(start)) visit(start)
  return ordered

  // An explicit stack: a chain of pipelines may be longer than the call stack is deep.
  function visit(start: string): void {
    const path = [start]
    for (;;) {
      const key = path.at(-1)
      if (key === undefined) return
      const spec = byKey.get(key)
      const next = spec && upstream(spec).find((input) => state.get(input) !== 'left')
      state.set(key, next === undefined ? 'left' : 'entered')
      if (next !== undefined) {
        if (state.get(next) === 'entered') throw cycle([...path.slice(path.indexOf(next)), next])
        path.push(next)
        continue
      }
      if (spec !== undefined) ordered.push(spec)
      path.pop()
    }
  }

  function upstream(spec: Spec): string[] {
    return leafInputs(spec.input)
      .map(leafKey)
      .filter((key) => byKey.has(key))
  }
}

function refuseMissing(specs: readonly Reads[], exists: (leaf: LeafInput) => boolean): void {
  const missing = specs.flatMap((spec) =>
    leafInputs(spec.input)
      .filter((leaf) => leaf.kind === 'pfs' && !exists(leaf))
      .map((leaf) => ({ pipeline: spec.name, repo: leaf.repo, project: leaf.project })),
  )
  if (missing.length === 0) return
  const listed = missing.map(({ pipeline, repo }) => `"${repo}" (read by pipeline "${pipeline}")`)
  throw new VarveError('REPO_NOT_FOUND', {
    what: `There is no repo ${[...new Set(listed)].join(', ')}.`,
    next: 'Create the repo first, or declare it under `repos:`.',
    data: { missing },
  })
}

function cycle(keys: readonly string[]): VarveError {
  const names = keys.map((key) => key.replace(/^default\//, ''))
  return new VarveError('CYCLE', {
    what: `These pipelines read each other's output: ${names.join(' ← ')}.`,
    data: { pipelines: names },
  })
}

function leafKey(leaf: LeafInput): string {
  return keyOf(leaf.project, leaf.repo)
}

function keyOf(project: string, name: string): string {
  return `${project}/${name}`
}
