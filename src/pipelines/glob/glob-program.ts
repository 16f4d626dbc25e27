import type { CodeRange, GlobNode } from './glob-syntax.ts'

/**
 * A glob as a small program, run by backtracking that never visits one (instruction, position)
 * twice. So a match costs at most program length × path length, whatever the glob: a RegExp made
 * from `+(+(a))b` would take exponential time on a hostile path.
 */
export type Instruction =
  | { readonly op: 'character'; readonly code: number }
  | { readonly op: 'class'; readonly negated: boolean; readonly ranges: readonly CodeRange[] }
  /** One code point; `slash` says whether it may be "/". */
  | { readonly op: 'any'; readonly slash: boolean }
  /** Tries `first`, then `second`: order gives greed. */
  | { op: 'split'; first: number; second: number }
  | { op: 'jump'; to: number }
  | { readonly op: 'save'; readonly slot: number }
  /** Goes on only where `program` does not match from here. */
  | { readonly op: 'unless'; readonly program: readonly Instruction[] }
  /** Succeeds only before "/" or at the end of the path. */
  | { readonly op: 'part-end' }
  | { readonly op: 'path-end' }
  | { readonly op: 'accept' }

export function compileProgram(root: GlobNode): Instruction[] {
  const program: Instruction[] = []
  emit(root, program, true)
  program.push({ op: 'path-end' }, { op: 'accept' })
  return program
}

/**
 * `partEndsAfter`: only "/" or the end of the glob follows this node. There a negation refuses
 * exactly the parts it names; elsewhere it refuses whatever starts with one, as ohmyglob does.
 */
function emit(node: GlobNode, program: Instruction[], partEndsAfter: boolean): void {
  switch (node.kind) {
    case 'text':
      for (const character of node.text) {
        program.push({ op: 'character', code: character.codePointAt(0) ?? 0 })
      }
      return
    case 'any-one':
      program.push({ op: 'any', slash: false })
      return
    case 'any-run':
      emitLoop(program, () => program.push({ op: 'any', slash: false }))
      return
    case 'any-path':
      emitLoop(program, () => program.push({ op: 'any', slash: true }))
      return
    case 'class':
      program.push({ op: 'class', negated: node.negated, ranges: node.ranges })
      return
    case 'sequence':
      node.items.forEach((item, at) => {
        const next = node.items[at + 1]
        emit(item, program, next === undefined ? partEndsAfter : startsWithSlash(next))
      })
      return
    case 'choice':
      emitOptions(node.options, program, partEndsAfter)
      return
    case 'group':
      emitGroup(node, program, partEndsAfter)
  }
}

function emitGroup(
  node: GlobNode & { kind: 'group' },
  program: Instruction[],
  partEndsAfter: boolean,
): void {
  program.push({ op: 'save', slot: 2 * node.capture })
  const body = () => emitOptions(node.options, program, partEndsAfter)
  if (node.quantifier === '@') body()
  if (node.quantifier === '*') emitLoop(program, body)
  if (node.quantifier === '?') emitOptional(program, body)
  if (node.quantifier === '+') {
    const start = program.length
    body()
    program.push({ op: 'split', first: start, second: program.length + 1 })
  }
  if (node.quantifier === '!') {
    const refused: Instruction[] = []
    emitOptions(node.options, refused, partEndsAfter)
    if (partEndsAfter) refused.push({ op: 'part-end' })
    refused.push({ op: 'accept' })
    program.push({ op: 'unless', program: refused })
    emitLoop(program, () => program.push({ op: 'any', slash: false }))
  }
  program.push({ op: 'save', slot: 2 * node.capture + 1 })
}

function emitLoop(program: Instruction[], body: () => unknown): void {
  const start = program.length
  const split = { op: 'split' as const, first: start + 1, second: 0 }
  program.push(split)
  body()
  program.push({ op: 'jump', to: start })
  split.second = program.length
}

function emitOptional(program: Instruction[], body: () => void): void {
  const split = { op: 'split' as const, first: program.length + 1, second: 0 }
  program.push(split)
  body()
  split.second = program.length
}

function emitOptions(
  options: readonly GlobNode[],
  program: Instruction[],
  partEndsAfter: boolean,
): void {
  const exits: { op: 'jump'; to: number }[] = []
  options.forEach((option, at) => {
    const last = at === options.length - 1
    const split = { op: 'split' as const, first: program.length + 1, second: 0 }
    if (!last) program.push(split)
    emit(option, program, partEndsAfter)
    if (last) return
    const exit = { op: 'jump' as const, to: 0 }
    exits.push(exit)
    program.push(exit)
    split.second = program.length
  })
  for (const exit of exits) exit.to = program.length
}

function startsWithSlash(node: GlobNode): boolean {
  if (node.kind === 'text') return node.text.startsWith('/')
  const [first] = node.kind === 'sequence' ? node.items : []
  return first !== undefined && startsWithSlash(first)
}

/** Positions of the captures, two for each group from slot 2 on, or undefined for no match. */
export function runProgram(
  program: readonly Instruction[],
  path: string,
  start = 0,
): Map<number, number> | undefined {
  const width = path.length + 1
  const visited = new Uint8Array(program.length * width)
  const stack: Thread[] = [{ pc: 0, at: start, saved: undefined }]
  for (;;) {
    const thread = stack.pop()
    if (thread === undefined) return undefined
    const mark = thread.pc * width + thread.at
    const instruction = program[thread.pc]
    if (instruction === undefined || visited[mark] === 1) continue
    visited[mark] = 1
    if (instruction.op === 'accept') return positions(thread.saved)
    follow(instruction, path, thread, stack)
  }
}

/** Pushes where a thread goes on; the branch to try first is pushed last. */
function follow(instruction: Branching | Step, path: string, thread: Thread, stack: Thread[]) {
  const { pc, at, saved } = thread
  if (instruction.op === 'split') {
    stack.push({ pc: instruction.second, at, saved }, { pc: instruction.first, at, saved })
  } else if (instruction.op === 'jump') {
    stack.push({ pc: instruction.to, at, saved })
  } else if (instruction.op === 'save') {
    stack.push({ pc: pc + 1, at, saved: { slot: instruction.slot, at, earlier: saved } })
  } else {
    const next = step(instruction, path, at)
    if (next >= 0) stack.push({ pc: pc + 1, at: next, saved })
  }
}

interface Saved {
  readonly slot: number
  readonly at: number
  readonly earlier: Saved | undefined
}
interface Thread {
  readonly pc: number
  readonly at: number
  readonly saved: Saved | undefined
}

function positions(saved: Saved | undefined): Map<number, number> {
  const result = new Map<number, number>()
  for (let link = saved; link !== undefined; link = link.earlier) {
    if (!result.has(link.slot)) result.set(link.slot, link.at)
  }
  return result
}

type Branching = Extract<Instruction, { op: 'split' | 'jump' | 'save' }>
type Step = Exclude<Instruction, Branching | { op: 'accept' }>

const slashCode = 0x2f

/** The position after the instruction, or -1 where it does not match. */
function step(instruction: Step, path: string, at: number): number {
  if (instruction.op === 'path-end') return at === path.length ? at : -1
  if (instruction.op === 'unless') {
    return runProgram(instruction.program, path, at) === undefined ? at : -1
  }
  const code = path.codePointAt(at)
  if (instruction.op === 'part-end') return code === undefined || code === slashCode ? at : -1
  if (code === undefined) return -1
  const next = at + (code > 0xffff ? 2 : 1)
  if (instruction.op === 'character') return code === instruction.code ? next : -1
  if (instruction.op === 'any') return code !== slashCode || instruction.slash ? next : -1
  if (code === slashCode) return -1
  const inside = instruction.ranges.some(([low, high]) => code >= low && code <= high)
  return inside === instruction.negated ? -1 : next
}
