import { VarveError } from '../../model/index.ts'
import type { RowsOptions } from './types.ts'

/** Names of shards and keys of samples as img2dataset numbers them. */
export class Numbering {
  readonly #shardDigits: number
  readonly #rowDigits: number

  constructor(oomShardCount: number, numberSamplePerShard: number) {
    this.#shardDigits = oomShardCount
    this.#rowDigits = digitsBelow(numberSamplePerShard)
  }

  shard(number: number): string {
    return String(number).padStart(this.#shardDigits, '0')
  }

  /** shard × 10^k + index in `oomShardCount + k` digits, k = ceil(log10(numberSamplePerShard)). */
  key(shard: number, index: number): string {
    const row = this.#rowDigits === 0 ? '' : String(index).padStart(this.#rowDigits, '0')
    return this.shard(shard) + row
  }
}

/** ceil(log10(count)), without the rounding of logarithms. */
function digitsBelow(count: number): number {
  let digits = 0
  for (let reach = 1; reach < count; reach *= 10) digits++
  return digits
}

/** @throws USAGE for counts that make no shards. */
export function checkShardCounts({
  numberSamplePerShard,
  oomShardCount,
}: Pick<RowsOptions, 'numberSamplePerShard' | 'oomShardCount'>): void {
  for (const [name, count] of Object.entries({ numberSamplePerShard, oomShardCount })) {
    if (Number.isSafeInteger(count) && count >= 1) continue
    throw new VarveError('USAGE', {
      what: `${name} is ${count}, but must be a whole number of at least 1.`,
      data: { [name]: count },
    })
  }
}
