import { longestRecord, type TextReader } from './list-text.ts'

const [quote, backslash, newline, comma] = [0x22, 0x5c, 0x0a, 0x2c]
const [openArray, closeArray, openObject, closeObject] = [0x5b, 0x5d, 0x7b, 0x7d]

/** Hears what stands between the commas of a JSON text's outermost, or second, containers. */
export interface JsonMembers {
  /** The text of one member, its key included where the container is an object. */
  member(text: string, line: number): void
  /** Called with the key and colon before a container of the second level. */
  enter?(keyText: string): void
  leave?(): void
  /** A member that cannot be told from what follows it, or the end where none should be. */
  broken(line: number, reason: string): void
}

/**
 * Cuts JSON text into the members of its containers of one level without parsing it: brackets are
 * counted, strings are passed over. So one broken record spoils nothing else. After a string that is not
 * closed on its line, which JSON forbids, it goes on at the next line that begins with `{`.
 */
export class JsonSplitter implements TextReader {
  readonly #level: 1 | 2
  readonly #members: JsonMembers
  #text = ''
  /** Where scanning goes on, and where the member begins that is being scanned. */
  #at = 0
  #start = 0
  /** Found ahead of `#at`; the text's length when there is none. */
  #nextNewline = -1
  #depth = 0
  #line = 1
  #startLine = 1
  #state: 'before' | 'inside' | 'string' | 'lost' | 'after' = 'before'

  constructor(level: 1 | 2, members: JsonMembers) {
    this.#level = level
    this.#members = members
  }

  push(piece: string): void {
    this.#text = this.#text.slice(this.#start) + piece
    this.#at -= this.#start
    this.#start = 0
    this.#nextNewline = -1
    this.#scan()
    if (this.#text.length - this.#start > longestRecord) this.#tooLong()
  }

  end(): void {
    this.push('\n')
    if (this.#state === 'after') return
    const open = this.#depth >= this.#level && this.#text.slice(this.#start).trim() !== ''
    if (open && this.#state !== 'lost') this.#break('the list ends within this record')
    else this.#members.broken(this.#line - 1, 'the list ends before its closing bracket')
  }

  #scan(): void {
    while (this.#at < this.#text.length) {
      if (this.#state === 'string') this.#passString()
      else if (this.#state === 'after') this.#passRest()
      else if (this.#state !== 'lost') this.#passStructure()
      else if (!this.#findRecord()) return
    }
  }

  /** Strings are most of a list: they are searched, not walked through. */
  #passString(): void {
    const text = this.#text
    let end = text.indexOf('"', this.#at)
    while (end >= 0 && isEscaped(text, end)) end = text.indexOf('"', end + 1)
    const next = end < 0 ? text.length : end + 1
    if (this.#nextNewline < this.#at) this.#nextNewline = text.indexOf('\n', this.#at)
    if (this.#nextNewline < 0) this.#nextNewline = text.length
    const closed = this.#nextNewline >= next
    this.#at = closed ? next : this.#nextNewline + 1
    if (!closed) this.#loseWay()
    else if (end >= 0) this.#state = 'inside'
  }

  #passStructure(): void {
    const text = this.#text
    for (let at = this.#at; at < text.length; at++) {
      const code = text.charCodeAt(at)
      if (code === newline) this.#line += 1
      if (code === quote || this.#bracketOrComma(code, at)) {
        this.#at = at + 1
        if (code === quote) this.#state = 'string'
        return
      }
    }
    this.#at = text.length
  }

  /** True when scanning cannot simply go on. */
  #bracketOrComma(code: number, at: number): boolean {
    if (code === openObject || code === openArray) this.#open(at)
    else if (code === closeObject || code === closeArray) return this.#close(at)
    else if (code === comma && this.#depth <= this.#level) this.#next(at)
    return false
  }

  #open(at: number): void {
    this.#state = 'inside'
    this.#depth += 1
    if (this.#depth > this.#level) return
    if (this.#depth === 2) this.#members.enter?.(this.#text.slice(this.#start, at))
    this.#begin(at + 1)
  }

  #close(at: number): boolean {
    if (this.#depth === this.#level) {
      if (this.#text.slice(this.#start, at).trim() !== '') this.#emit(at)
      if (this.#level === 2) this.#members.leave?.()
    }
    this.#depth -= 1
    if (this.#depth < this.#level) this.#begin(at + 1)
    if (this.#depth > 0) return false
    this.#state = 'after'
    return true
  }

  #next(at: number): void {
    if (this.#depth === this.#level) this.#emit(at)
    this.#begin(at + 1)
  }

  #begin(at: number): void {
    this.#start = at
    this.#startLine = this.#line
  }

  #emit(end: number): void {
    const text = this.#text.slice(this.#start, end)
    this.#members.member(text, this.#startLine + newlinesBefore(text))
  }

  #break(reason: string): void {
    const text = this.#text.slice(this.#start)
    this.#members.broken(this.#startLine + newlinesBefore(text), reason)
  }

  #loseWay(): void {
    this.#break('a string is not closed on its line')
    this.#line += 1
    this.#state = 'lost'
    this.#begin(this.#at)
  }

  /** Looks at whole lines only; false when the next one is not there yet. */
  #findRecord(): boolean {
    const end = this.#text.indexOf('\n', this.#at)
    if (end < 0) return false
    const [, before = '', bracket] =
      /^([ \t]*,?[ \t]*)([{\]])/.exec(this.#text.slice(this.#at, end)) ?? []
    if (bracket === undefined) {
      this.#line += 1
      this.#at = end + 1
      this.#begin(this.#at)
      return true
    }
    this.#at += before.length
    this.#begin(this.#at)
    this.#state = 'inside'
    this.#depth = this.#level
    return true
  }

  #passRest(): void {
    const rest = this.#text.slice(this.#at)
    this.#at = this.#text.length
    this.#start = this.#at
    if (rest.trim() === '' || this.#depth < 0) return
    // Said once: the depth is used no more.
    this.#depth = -1
    this.#members.broken(this.#line + newlinesBefore(rest), 'text after the end of the list')
  }

  /** Nothing of such a record is kept; scanning goes on behind what was read of it. */
  #tooLong(): void {
    if (this.#state !== 'lost') this.#break('the record is too long')
    this.#state = 'lost'
    this.#at = this.#text.length
    this.#begin(this.#at)
  }
}

/** An odd number of backslashes stands before it. */
function isEscaped(text: string, at: number): boolean {
  let before = at - 1
  while (text.charCodeAt(before) === backslash) before -= 1
  return (at - before) % 2 === 0
}

/** Line ends in the white space a text begins with. */
function newlinesBefore(text: string): number {
  let count = 0
  for (let at = 0; at < text.length && text.charCodeAt(at) <= 32; at++) {
    if (text.charCodeAt(at) === newline) count += 1
  }
  return count
}
