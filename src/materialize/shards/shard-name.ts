import { isVarveError, parseFilePath, VarveError } from '../../model/index.ts'

/** A pattern with one `%d` or `%06d` for the shard's number. */
export class ShardName {
  readonly pattern: string
  readonly #before: string
  readonly #digits: number
  readonly #after: string

  constructor(pattern: string) {
    const match = /^([^%]*)%(?:0?([1-9]))?d([^%]*)$/.exec(pattern)
    const [, before = '', digits = '1', after = ''] = match ?? []
    if (match === null || !isPath(`${before}0${after}`) || `${before}0`.startsWith('.')) {
      throw new VarveError('USAGE', {
        what: `"${pattern}" cannot name shards.`,
        next: 'Write a relative path with one number in it, such as %06d.tar or train-%06d.tar.',
        data: { pattern },
      })
    }
    this.pattern = pattern
    this.#before = before
    this.#digits = Number(digits)
    this.#after = after
  }

  /** Name of a file about all shards, beside them: what stands before their number, then `name`. */
  about(name: string): string {
    return this.#before + name
  }

  of(number: number): string {
    return this.#before + String(number).padStart(this.#digits, '0') + this.#after
  }
}

/** The name of a file beside a shard: `000000.tar` and `idx` make `000000.idx`. */
export function besideShard(name: string, extension: string): string {
  const dot = name.lastIndexOf('.')
  const stem = dot > name.lastIndexOf('/') + 1 ? name.slice(0, dot) : name
  return `${stem}.${extension}`
}

function isPath(text: string): boolean {
  try {
    return parseFilePath(text) === text
  } catch (error) {
    if (isVarveError(error)) return false
    throw error
  }
}
