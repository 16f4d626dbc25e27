import { unreachable } from '../../util/index.ts'
import type { CodeRange, GlobNode } from './glob-syntax.ts'

/**
 * The same language as `compileProgram` as a regular expression, and several times as fast. Undefined
 * for a glob whose expression could backtrack more than the square of the path's length: one with
 * repeated groups, negations or more than two stars that can compete for the same text.
 */
export function compileRegExp(root: GlobNode): RegExp | undefined {
  if (competingRuns(root).most > 2) return undefined
  return new RegExp(`^${expression(root)}$`, 'us')
}

/**
 * How many runs can compete: a slash ends the competition, unless there is a `**`. `open` are those at the
 * end of the node, `most` the worst place inside it.
 */
function competingRuns(node: GlobNode): { open: number; most: number; slash: boolean } {
  switch (node.kind) {
    case 'text':
      return { open: 0, most: 0, slash: node.text.includes('/') }
    case 'any-one':
    case 'class':
      return { open: 0, most: 0, slash: false }
    case 'any-run':
    case 'any-path':
      return { open: 1, most: 1, slash: false }
    case 'sequence':
      return sequenceRuns(node.items)
    case 'choice':
      return optionRuns(node.options)
    case 'group':
      if (node.quantifier === '@' || node.quantifier === '?') return optionRuns(node.options)
      return { open: Infinity, most: Infinity, slash: false }
    default:
      return unreachable(node)
  }
}

function sequenceRuns(items: readonly GlobNode[]) {
  const paths = items.filter(({ kind }) => kind === 'any-path').length
  let [open, most, slash] = [0, 0, false]
  for (const item of items) {
    const runs = competingRuns(item)
    open = runs.slash && paths === 0 ? runs.open : open + runs.open
    most = Math.max(most, open, runs.most)
    slash ||= runs.slash
  }
  return { open, most, slash }
}

function optionRuns(options: readonly GlobNode[]) {
  const runs = options.map(competingRuns)
  const total = runs.reduce((sum, { most }) => sum + most, 0)
  return { open: total, most: total, slash: runs.every(({ slash }) => slash) }
}

function expression(node: GlobNode): string {
  switch (node.kind) {
    case 'text':
      return Array.from(node.text, (character) => codePoint(character.codePointAt(0) ?? 0)).join('')
    case 'any-one':
      return '[^/]'
    case 'any-run':
      return '[^/]*'
    case 'any-path':
      return '.*'
    case 'class':
      return `(?!/)[${node.negated ? '^' : ''}${node.ranges.map(range).join('')}]`
    case 'sequence':
      return node.items.map(expression).join('')
    case 'choice':
      return `(?:${node.options.map(expression).join('|')})`
    case 'group': {
      const options = node.options.map(expression).join('|')
      // Not `(...)?`: JavaScript takes back an optional part that matched nothing, and tries another.
      return node.quantifier === '?' ? `(${options}|)` : `(${options})`
    }
    default:
      return unreachable(node)
  }
}

/** By number: nothing then needs escaping. */
function codePoint(code: number): string {
  return `\\u{${code.toString(16)}}`
}

function range([low, high]: CodeRange): string {
  return `${codePoint(low)}-${codePoint(high)}`
}
