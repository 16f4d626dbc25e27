import type { PipelineInfo } from '../jobs/index.ts'
import type { RepoInfo, RepoKey } from '../repos/index.ts'
import type { Graph, GraphNode } from './values.ts'
import { unreachable } from '../util/index.ts'

/** The graph of some pipelines and the repos beside them. */
export function graphOf(repos: readonly RepoInfo[], pipelines: readonly PipelineInfo[]): Graph {
  const made = new Set<RepoKey>(pipelines.map(({ key }) => key))
  const nodes: GraphNode[] = [
    ...repos
      .filter(({ repo }) => !made.has(repo))
      .map(({ repo }): GraphNode => ({ kind: 'repo', key: repo })),
    ...pipelines.map(pipelineNode),
  ]
  const known = new Set(nodes.map(({ key }) => key))
  const edges = pipelines.flatMap(({ key, sources }) =>
    [...new Set(sources.map(({ repo }) => repo))]
      .filter((from) => known.has(from))
      .map((from) => ({ from, to: key })),
  )
  return { nodes, edges }
}

function pipelineNode({ key, state, lastJob, spec }: PipelineInfo): GraphNode {
  return { kind: 'pipeline', key, state, lastJob, transform: transformText(spec.transform) }
}

function transformText(transform: PipelineInfo['spec']['transform']): string {
  switch (transform.kind) {
    case 'operator':
      return transform.operator
    case 'process':
      return transform.process.map(({ operator }) => operator).join(', ')
    case 'command':
      return transform.cmd?.slice(0, 2).join(' ') ?? transform.image ?? ''
    default:
      return unreachable(transform)
  }
}
