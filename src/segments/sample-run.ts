import { isDigest } from '../model/index.ts'
import type { ScannedMember } from './segment-scanner.ts'

/** Follows the samples of a segment (see `NewItem.key`) while its members are walked in order. */
export class SampleRun {
  #key: string | undefined
  #isLed = false

  /**
   * Whether a member belongs to a sample whose first member is kept; the first one answers for
   * itself. To be told of every member, of those that are not kept too.
   */
  isLed({ name, digest }: ScannedMember, isKept: boolean): boolean {
    const key = name.kind === 'item' ? name.key : undefined
    if (key !== this.#key) {
      this.#key = key
      this.#isLed = key !== undefined && isKept && mayLead(key, digest)
    }
    return this.#isLed
  }
}

/** A sample is called by its leader's digest or by something that is none. */
export function mayLead(key: string, digest: string): boolean {
  return key === digest || !isDigest(key)
}
