import type { Digest } from '../../model/index.ts'
import { sampleName, type Sample, type SampleFile } from './sample.ts'

interface Pending {
  readonly key: string
  readonly files: SampleFile[]
}

const skippedNamed = 5

/**
 * Puts files that come in tree order together into samples. A folder called `a.d` lies between the
 * files `a.b` and `a.e` of one key, so samples may be nested; each is whole when a path comes that
 * cannot be below it. Holds as many unfinished samples as there are such folders in one path.
 */
export class SampleGrouper {
  readonly #pending: Pending[] = []
  readonly skippedPaths: string[] = []
  skipped = 0

  /** Appends the samples that became whole to `whole`. */
  add(file: { path: string; digest: Digest; size: number }, whole: Sample[]): void {
    let top = this.#pending.at(-1)
    while (top !== undefined && !isBelow(file.path, top.key)) {
      whole.push(top)
      this.#pending.pop()
      top = this.#pending.at(-1)
    }
    const name = sampleName(file.path)
    if (name === undefined) {
      this.#skip(file.path)
      return
    }
    const found = { extension: name.extension, digest: file.digest, size: file.size }
    if (top?.key === name.key) top.files.push(found)
    else this.#pending.push({ key: name.key, files: [found] })
  }

  end(whole: Sample[]): void {
    for (let last = this.#pending.pop(); last !== undefined; last = this.#pending.pop()) {
      whole.push(last)
    }
  }

  #skip(path: string): void {
    this.skipped++
    if (this.skippedPaths.length < skippedNamed) this.skippedPaths.push(path)
  }
}

function isBelow(path: string, key: string): boolean {
  return path.charCodeAt(key.length) === 0x2e && path.startsWith(key)
}
