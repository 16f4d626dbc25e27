import { invariant } from '../../util/index.ts'
import { isLeaf, leafInputs } from '../inputs/input-tree.ts'
import type { Input, LeafInput, UnionInput } from '../types.ts'
import { CrossNode } from './cross-node.ts'
import { fullDiff } from './full-diff.ts'
import { GroupNode, LeafGroupNode } from './group-node.ts'
import { JoinNode, LeafJoinNode } from './join-node.ts'
import { LeafNode } from './leaf-node.ts'
import type { PlanContext, PlanNode } from './plan-node.ts'
import { UnionNode } from './union-node.ts'

/**
 * Turns an input into what can be asked for its datums. `place` is the path in the input tree, by
 * which the key index tells one join from another; below a node that lists everything anyway it is
 * undefined and nothing is indexed.
 */
export function buildNode(input: Input, context: PlanContext, place: string | undefined): PlanNode {
  if (isLeaf(input)) return new LeafNode(input, context)
  const incremental = place !== undefined && followsChanges(input)
  const members = input.inputs.map((member, at) => {
    return buildNode(member, context, incremental ? join(place, at) : undefined)
  })
  if (input.kind === 'cross') return new CrossNode(members)
  if (input.kind === 'union') return unionNode(input, members)
  if (!incremental) return input.kind === 'join' ? new JoinNode(members) : new GroupNode(members)
  const leaves = members.filter((member) => member instanceof LeafNode)
  invariant(leaves.length === members.length, 'only joins and groups of leaves are indexed')
  return input.kind === 'join'
    ? new LeafJoinNode(leaves, place, context)
    : new LeafGroupNode(leaves, place, context)
}

function join(place: string, at: number): string {
  return place === '' ? String(at) : `${place}.${at}`
}

function followsChanges(input: Exclude<Input, LeafInput>): boolean {
  if (input.kind === 'cross') return true
  if (input.kind === 'union') return overlap(input) !== 'unlike'
  return input.inputs.every(isLeaf)
}

function unionNode(input: UnionInput, members: readonly PlanNode[]): PlanNode {
  const kind = overlap(input)
  const union = new UnionNode(members, kind !== 'none')
  if (kind !== 'unlike') return union
  return { all: (side) => union.all(side), changes: () => fullDiff(union) }
}

/**
 * Can two members have the same datum? 'alike': yes, and then it comes, changes and goes in both at
 * once. 'unlike': perhaps, and it may stay in one while it leaves the other.
 */
function overlap({ inputs }: UnionInput): 'none' | 'alike' | 'unlike' {
  let result: 'none' | 'alike' = 'none'
  for (const [at, input] of inputs.entries()) {
    for (const other of inputs.slice(at + 1)) {
      if (!canMeet(input, other)) continue
      if (!isLeaf(input) || !isLeaf(other) || treatment(input) !== treatment(other)) return 'unlike'
      result = 'alike'
    }
  }
  return result
}

/** False only when no datum of one can be a datum of the other. */
function canMeet(a: Input, b: Input): boolean {
  const [mine, others] = [repos(a), repos(b)]
  if (!varies(a) && !varies(b)) return mine.join('\n') === others.join('\n')
  return mine.some((repo) => others.includes(repo))
}

/** Do the datums of this input differ in which repos they take files from, and how many? */
function varies(input: Input): boolean {
  if (isLeaf(input)) return false
  if (input.kind === 'group' || input.kind === 'union') return true
  if (input.kind === 'cross') return input.inputs.some(varies)
  // A join takes the files of composite members one by one, and an outer one leaves members out.
  return !input.inputs.every(isLeaf) || leafInputs(input).some((leaf) => leaf.outerJoin)
}

function repos(input: Input): string[] {
  return leafInputs(input)
    .map((leaf) => [leaf.name, leaf.project, leaf.repo, leaf.branch].join('\0'))
    .sort()
}

function treatment(leaf: LeafInput): string {
  const keys = leaf.joinOn.includes('$') || leaf.groupBy.includes('$') ? leaf.glob : ''
  return JSON.stringify([leaf.joinOn, leaf.groupBy, keys, leaf.emptyFiles, leaf.reference])
}
