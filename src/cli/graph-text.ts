import type { Graph, GraphNode } from '../engine/index.ts'
import { plainStyle, type Style } from './style.ts'
import { shortKey } from './views/key.ts'

/** The graph as a tree of what flows into what; a node drawn before is named again, not its rest. */
export function textGraph(graph: Graph, style: Style = plainStyle): string {
  if (graph.nodes.length === 0) return 'No repos and no pipelines yet.\n'
  const byKey = new Map<string, GraphNode>(graph.nodes.map((node) => [node.key, node]))
  const below = new Map<string, string[]>()
  for (const { from, to } of graph.edges) below.set(from, [...(below.get(from) ?? []), to])
  const fed = new Set(graph.edges.map(({ to }) => to))
  const drawn = new Set<string>()
  const lines: string[] = []
  const visit = (key: string, lead: string, branch: string): void => {
    const node = byKey.get(key)
    if (node === undefined) return
    const again = drawn.has(key)
    drawn.add(key)
    lines.push(`${lead}${branch}${nodeText(node, style)}${again ? style('dim', ' (above)') : ''}`)
    if (again) return
    const children = below.get(key) ?? []
    const inner = branch === '' ? lead : `${lead}${branch.startsWith('├') ? '│  ' : '   '}`
    children.forEach((child, at) => {
      visit(child, inner, at === children.length - 1 ? '└─ ' : '├─ ')
    })
  }
  for (const node of graph.nodes) if (!fed.has(node.key)) visit(node.key, '', '')
  return `${lines.join('\n')}\n`
}

function nodeText(node: GraphNode, style: Style): string {
  const name = style('bold', shortKey(node.key))
  if (node.kind === 'repo') return `${name} ${style('dim', '(repo)')}`
  const state = node.state === 'stopped' ? style('yellow', ' stopped') : ''
  return `${name} ${style('dim', node.transform)}${state}${node.lastJob === undefined ? '' : ` ${mark(node.lastJob, style)}`}`
}

function mark(state: string, style: Style): string {
  if (state === 'success') return style('green', '✓')
  if (state === 'created' || state === 'running') return style('blue', '…')
  return style('red', `✗ ${state}`)
}

/** https://mermaid.js.org/syntax/flowchart.html */
export function mermaidGraph(graph: Graph): string {
  const ids = new Map(graph.nodes.map((node, at) => [node.key, `n${at}`]))
  const nodes = graph.nodes.map((node) => {
    const label = quoted(shortKey(node.key))
    const id = ids.get(node.key) ?? ''
    return node.kind === 'repo' ? `  ${id}[(${label})]` : `  ${id}[${label}]`
  })
  const edges = graph.edges.map(
    ({ from, to }) => `  ${ids.get(from) ?? ''} --> ${ids.get(to) ?? ''}`,
  )
  return `${['flowchart LR', ...nodes, ...edges].join('\n')}\n`
}

function quoted(text: string): string {
  return `"${text.replaceAll('"', '#quot;')}"`
}
