import { VarveError } from '../../model/index.ts'

/** A parsed glob. `capture` numbers groups by their opening parenthesis, from 1. */
export type GlobNode =
  | { readonly kind: 'text'; readonly text: string }
  /** One character that is not "/": `?`. */
  | { readonly kind: 'any-one' }
  /** Any run without "/": `*`. */
  | { readonly kind: 'any-run' }
  /** Any run at all: `**`. */
  | { readonly kind: 'any-path' }
  | { readonly kind: 'class'; readonly negated: boolean; readonly ranges: readonly CodeRange[] }
  | { readonly kind: 'sequence'; readonly items: readonly GlobNode[] }
  /** `{a,b}` */
  | { readonly kind: 'choice'; readonly options: readonly GlobNode[] }
  /** `(a|b)` and its quantified forms. */
  | {
      readonly kind: 'group'
      readonly quantifier: Quantifier
      readonly capture: number
      readonly options: readonly GlobNode[]
    }

export type Quantifier = '@' | '*' | '+' | '?' | '!'
/** Code points, both ends included. */
export type CodeRange = readonly [low: number, high: number]

/** Long enough for any honest glob; keeps the cost of a hostile one small. */
const longestGlob = 2048
const deepestNesting = 50

const posixClasses: Readonly<Record<string, readonly CodeRange[]>> = {
  alnum: rangesOf('09AZaz'),
  alpha: rangesOf('AZaz'),
  ascii: [[0, 0x7f]],
  blank: rangesOf('  \t\t'),
  cntrl: [
    [0, 0x1f],
    [0x7f, 0x7f],
  ],
  digit: rangesOf('09'),
  graph: rangesOf('!~'),
  lower: rangesOf('az'),
  print: rangesOf(' ~'),
  punct: rangesOf('!/:@[`{~'),
  space: rangesOf('\t\r  '),
  upper: rangesOf('AZ'),
  word: rangesOf('09AZaz__'),
  xdigit: rangesOf('09AFaf'),
}

/** "azAZ" is a to z and A to Z. */
function rangesOf(pairs: string): CodeRange[] {
  const codes = Array.from(pairs, (character) => character.codePointAt(0) ?? 0)
  return codes.flatMap((low, at) => (at % 2 === 0 ? [[low, codes[at + 1] ?? low]] : []))
}

/** Everything in `ranges` turned round, for `[:^alpha:]`. */
function complement(ranges: readonly CodeRange[]): CodeRange[] {
  const result: CodeRange[] = []
  let next = 0
  for (const [low, high] of [...ranges].sort((a, b) => a[0] - b[0])) {
    if (low > next) result.push([next, low - 1])
    next = Math.max(next, high + 1)
  }
  result.push([next, 0x10ffff])
  return result
}

/**
 * Reads the glob dialect of Pachyderm's ohmyglob: `*` `**` `?` classes, POSIX classes, `{a,b}`,
 * `\` escapes and extended groups that capture. Fails with GLOB_INVALID and the position
 * in `written`, which is what the user typed: `source` with its leading slash.
 */
export function parseGlob(source: string, written: string): { root: GlobNode; captures: number } {
  const parser = new GlobParser(source, written)
  const root = parser.sequence('')
  return { root, captures: parser.captures }
}

class GlobParser {
  readonly #written: string
  readonly #offset: number
  readonly #text: readonly string[]
  #at = 0
  #depth = 0
  captures = 0

  constructor(source: string, written: string) {
    this.#written = written
    this.#offset = written.indexOf(source) + 1
    this.#text = Array.from(source)
    if (this.#text.length > longestGlob) {
      this.#fail(longestGlob, `it is longer than ${longestGlob} characters`)
    }
  }

  /** Items up to one of the characters in `ends` (not consumed), or to the end of the glob. */
  sequence(ends: string): GlobNode {
    const items: GlobNode[] = []
    let literal = ''
    const flush = () => {
      if (literal !== '') items.push({ kind: 'text', text: literal })
      literal = ''
    }
    while (this.#at < this.#text.length) {
      const character = this.#peek()
      if (ends.includes(character)) break
      const special = this.#special(character)
      if (special === undefined) {
        literal += this.#literal(character)
      } else {
        flush()
        items.push(special)
      }
    }
    flush()
    const [only] = items
    return items.length === 1 && only !== undefined ? only : { kind: 'sequence', items }
  }

  #special(character: string): GlobNode | undefined {
    if (character === '[') return this.#class()
    if (character === '{') return { kind: 'choice', options: this.#options(',', '}') }
    if (character === '(') return this.#group('@')
    if (character === '*') return this.#stars()
    const opensGroup = this.#peek(1) === '('
    if (opensGroup && (character === '@' || character === '+' || character === '!')) {
      this.#at += 1
      return this.#group(character)
    }
    if (character !== '?') return undefined
    this.#at += 1
    return opensGroup ? this.#group('?') : { kind: 'any-one' }
  }

  /** In a run of stars before "(" the last one belongs to the group. */
  #stars(): GlobNode {
    let count = 0
    while (this.#peek(count) === '*') count += 1
    const quantifiesGroup = this.#peek(count) === '('
    if (quantifiesGroup && count === 1) {
      this.#at += 1
      return this.#group('*')
    }
    const free = quantifiesGroup ? count - 1 : count
    this.#at += free
    return { kind: free > 1 ? 'any-path' : 'any-run' }
  }

  #group(quantifier: Quantifier): GlobNode {
    this.captures += 1
    const capture = this.captures
    return { kind: 'group', quantifier, capture, options: this.#options('|', ')') }
  }

  #options(separator: string, close: string): GlobNode[] {
    const opened = this.#at
    this.#at += 1
    this.#depth += 1
    if (this.#depth > deepestNesting) this.#fail(opened, 'groups are nested too deeply')
    const options: GlobNode[] = []
    for (;;) {
      options.push(this.sequence(separator + close))
      const character = this.#peek()
      if (character === '') this.#fail(opened, `"${this.#text[opened] ?? ''}" is never closed`)
      this.#at += 1
      if (character === close) break
    }
    this.#depth -= 1
    return options
  }

  #literal(character: string): string {
    if (character === ')' || character === '}') {
      this.#fail(this.#at, `"${character}" closes nothing`)
    }
    if (character !== '\\') {
      this.#at += 1
      return character
    }
    const escaped = this.#peek(1)
    if (escaped === '') this.#fail(this.#at, 'it ends in "\\"')
    this.#at += 2
    return escaped
  }

  #class(): GlobNode {
    const opened = this.#at
    this.#at += 1
    const negated = this.#peek() === '!' || this.#peek() === '^'
    if (negated) this.#at += 1
    const ranges: CodeRange[] = []
    while (this.#peek() !== ']' || ranges.length === 0) {
      if (this.#peek() === '') this.#fail(opened, '"[" is never closed')
      ranges.push(...(this.#posixClass() ?? [this.#range(opened)]))
    }
    this.#at += 1
    const slash = ranges.some(([low, high]) => low <= 0x2f && high >= 0x2f)
    const onlySlash = ranges.every(([low, high]) => low === 0x2f && high === 0x2f)
    if (slash && onlySlash && !negated) this.#fail(opened, 'a class never matches "/"')
    return { kind: 'class', negated, ranges }
  }

  #posixClass(): readonly CodeRange[] | undefined {
    if (this.#peek() !== '[' || this.#peek(1) !== ':') return undefined
    const close = this.#text.indexOf(':', this.#at + 2)
    if (close < 0 || this.#text[close + 1] !== ']') return undefined
    const written = this.#text.slice(this.#at + 2, close).join('')
    const name = written.replace(/^\^/, '')
    const ranges = Object.hasOwn(posixClasses, name) ? posixClasses[name] : undefined
    if (ranges === undefined) this.#fail(this.#at, `there is no class "[:${written}:]"`)
    this.#at = close + 2
    return written.startsWith('^') ? complement(ranges) : ranges
  }

  #range(opened: number): CodeRange {
    const start = this.#at
    const low = this.#classCharacter(opened)
    const isRange = this.#peek() === '-' && this.#peek(1) !== ']' && this.#peek(1) !== ''
    if (!isRange) return [low, low]
    this.#at += 1
    const high = this.#classCharacter(opened)
    if (high < low) this.#fail(start, 'a range runs backwards')
    return [low, high]
  }

  #classCharacter(opened: number): number {
    if (this.#peek() === '\\') this.#at += 1
    const character = this.#peek()
    if (character === '') this.#fail(opened, '"[" is never closed')
    this.#at += 1
    return character.codePointAt(0) ?? 0
  }

  #peek(ahead = 0): string {
    return this.#text[this.#at + ahead] ?? ''
  }

  #fail(at: number, why: string): never {
    throw new VarveError('GLOB_INVALID', {
      what: `The glob "${this.#written}" does not compile: ${why} (character ${at + this.#offset}).`,
      data: { glob: this.#written, position: at + this.#offset },
    })
  }
}
