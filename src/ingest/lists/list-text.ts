import { StringDecoder } from 'node:string_decoder'

/** Longer lines and records are refused, so that a file that is no list cannot fill the memory. */
export const longestRecord = 16 * 1024 * 1024

/**
 * UTF-8 text without its byte order mark, in pieces cut anywhere between two characters. Bytes that
 * are no UTF-8 become U+FFFD, as a browser would have it.
 */
export async function* listText(bytes: AsyncIterable<Uint8Array>): AsyncGenerator<string> {
  const decoder = new StringDecoder('utf8')
  let started = false
  for await (const chunk of bytes) {
    // The decoder takes any view of bytes; its types ask for the old Buffer.
    const text = decoder.write(Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength))
    if (text === '') continue
    yield started ? text : text.replace(/^\ufeff/, '')
    started = true
  }
  const rest = decoder.end()
  if (rest !== '') yield rest
}

/** Takes the text of a list in pieces and makes rows of it. No promises: it sees every row. */
export interface TextReader {
  push(text: string): void
  /** There is no more text. */
  end(): void
}

/** Hands out lines without their ends (LF, CRLF or a lone CR), numbered from 1. */
export class LineSplitter implements TextReader {
  readonly #onLine: (line: string, number: number) => void
  readonly #onTooLong: (number: number) => void
  /** The line begun in earlier pieces. */
  #carry = ''
  /** A CR that ended a piece: an LF may belong to it. */
  #heldReturn = false
  #number = 1
  #skipping = false

  constructor(onLine: (line: string, number: number) => void, onTooLong: (number: number) => void) {
    this.#onLine = onLine
    this.#onTooLong = onTooLong
  }

  push(piece: string): void {
    const text = this.#withoutReturns(piece)
    let at = 0
    for (let end = text.indexOf('\n'); end >= 0; end = text.indexOf('\n', at)) {
      this.#line(at === 0 ? this.#carry + text.slice(0, end) : text.slice(at, end))
      at = end + 1
    }
    this.#carry = at === 0 ? this.#carry + text : text.slice(at)
    if (this.#skipping) this.#carry = ''
    else if (this.#carry.length > longestRecord) this.#dropLongLine()
  }

  end(): void {
    if (this.#carry !== '') this.#line(this.#carry)
    this.#carry = ''
  }

  #line(line: string): void {
    const number = this.#number++
    if (this.#skipping) this.#skipping = false
    else this.#onLine(line, number)
  }

  #withoutReturns(piece: string): string {
    const text = this.#heldReturn ? `\r${piece}` : piece
    this.#heldReturn = text.endsWith('\r')
    if (!text.includes('\r')) return text
    const whole = this.#heldReturn ? text.slice(0, -1) : text
    return whole.replaceAll(/\r\n?/g, '\n')
  }

  #dropLongLine(): void {
    this.#onTooLong(this.#number)
    this.#skipping = true
    this.#carry = ''
  }
}
