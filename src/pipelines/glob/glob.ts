import { parentDirectories } from '../../model/index.ts'
import { unreachable } from '../../util/index.ts'
import type { GlobPlan } from '../types.ts'
import { compileRegExp } from './glob-regexp.ts'
import { parseGlob, type GlobNode } from './glob-syntax.ts'
import { compileProgram, runProgram } from './glob-program.ts'

/** A compiled glob. Paths have no leading slash; a glob may be written with or without one. */
export interface Glob extends GlobPlan {
  readonly captureCount: number
  /**
   * What the groups matched: [0] is the whole path with a leading slash, as in Pachyderm, then one
   * text for each parenthesis ('' where it took no part). Undefined when the path does not match.
   */
  captures(path: string): readonly string[] | undefined
}

/**
 * Compiles a glob; GLOB_INVALID with the position of the fault. A trailing slash means nothing,
 * "/" matches the root and nothing else, and nothing else matches the root.
 */
export function compileGlob(source: string): Glob {
  const cleaned = source.replace(/^\/+/, '').replace(/(?<!\\)\/+$/, '')
  const { root, captures: captureCount } = parseGlob(cleaned, source)
  const prefix = literalPrefix(root).text
  const [minSlashes, maxSlashes] = slashes(root)
  const [minDepth, maxDepth] = cleaned === '' ? [0, 0] : [minSlashes + 1, maxSlashes + 1]
  const match = matcherOf(root, captureCount)

  const run = (path: string): readonly string[] | undefined => {
    if (path === '' || cleaned === '') return path === cleaned ? [] : undefined
    return path.startsWith(prefix) ? match(path) : undefined
  }
  const deepEnough = (path: string) => {
    const depth = depthOf(path)
    return depth >= minDepth && depth <= maxDepth
  }
  const matches = (path: string) => deepEnough(path) && run(path) !== undefined
  return {
    source,
    prefix,
    minDepth,
    maxDepth,
    captureCount,
    matches,
    matchingAncestors: (path) => {
      if (cleaned === '') return ['']
      return [path, ...parentDirectories(path)].reverse().filter(matches)
    },
    captures: (path) => {
      const found = deepEnough(path) ? run(path) : undefined
      if (found === undefined) return undefined
      return [`/${path}`, ...found]
    },
  }
}

/** Gives what each group matched, in order. */
export type Matcher = (path: string) => readonly string[] | undefined

function matcherOf(root: GlobNode, captureCount: number): Matcher {
  return regExpMatcher(root) ?? programMatcher(root, captureCount)
}

/** For the many globs that are plain enough. */
export function regExpMatcher(root: GlobNode): Matcher | undefined {
  const regExp = compileRegExp(root)
  if (regExp === undefined) return undefined
  return (path) =>
    regExp
      .exec(path)
      ?.slice(1)
      .map((text?: string) => text ?? '')
}

/** For every glob. */
export function programMatcher(root: GlobNode, captureCount: number): Matcher {
  const program = compileProgram(root)
  return (path) => {
    const found = runProgram(program, path)
    if (found === undefined) return undefined
    return Array.from({ length: captureCount }, (_, group) => {
      const start = found.get(2 * group + 2)
      return start === undefined ? '' : path.slice(start, found.get(2 * group + 3))
    })
  }
}

function depthOf(path: string): number {
  if (path === '') return 0
  let depth = 1
  for (let at = path.indexOf('/'); at >= 0; at = path.indexOf('/', at + 1)) depth += 1
  return depth
}

/** Text every match starts with; `whole` says that the node matches nothing but this text. */
function literalPrefix(node: GlobNode): { text: string; whole: boolean } {
  if (node.kind === 'text') return { text: node.text, whole: true }
  if (node.kind !== 'sequence') return { text: '', whole: false }
  let text = ''
  for (const item of node.items) {
    const part = literalPrefix(item)
    text += part.text
    if (!part.whole) return { text, whole: false }
  }
  return { text, whole: true }
}

/** How many slashes a match has, at least and at most. */
function slashes(node: GlobNode): [number, number] {
  switch (node.kind) {
    case 'text': {
      const count = node.text.split('/').length - 1
      return [count, count]
    }
    case 'any-path':
      return [0, Infinity]
    case 'any-one':
    case 'any-run':
    case 'class':
      return [0, 0]
    case 'sequence':
      return node.items
        .map(slashes)
        .reduce((sum, next) => [sum[0] + next[0], sum[1] + next[1]], [0, 0])
    case 'choice':
      return widest(node.options)
    case 'group': {
      const [low, high] = widest(node.options)
      if (node.quantifier === '!') return [0, 0]
      const repeated = high > 0 ? Infinity : 0
      if (node.quantifier === '@') return [low, high]
      if (node.quantifier === '+') return [low, repeated]
      return [0, node.quantifier === '?' ? high : repeated]
    }
    default:
      return unreachable(node)
  }
}

function widest(options: readonly GlobNode[]): [number, number] {
  const spans = options.map(slashes)
  return [Math.min(...spans.map(([low]) => low)), Math.max(...spans.map(([, high]) => high))]
}
