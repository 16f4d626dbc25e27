import type { DatumInput } from '../pipelines/index.ts'
import type { Content } from '../repos/index.ts'
import { requireRoot, type InputRoots } from './job-inputs.ts'
import { treeView } from './tree-view.ts'

/**
 * The content reference inputs have now. Changing it makes no datum run, so a datum that is tried
 * again for another reason is recorded with what it was then.
 */
export class PresentReferences {
  readonly #content: Content
  readonly #roots: InputRoots
  /** Most datums share the same few. */
  readonly #known = new Map<string, Promise<DatumInput>>()

  constructor(content: Content, roots: InputRoots) {
    this.#content = content
    this.#roots = roots
  }

  in(inputs: readonly DatumInput[]): Promise<readonly DatumInput[]> {
    return Promise.all(
      inputs.map(async (input) => (input.reference ? this.#present(input) : input)),
    )
  }

  #present(input: DatumInput): Promise<DatumInput> {
    const key = JSON.stringify([input.name, input.project, input.repo, input.branch, input.path])
    const known = this.#known.get(key) ?? this.#read(input)
    this.#known.set(key, known)
    return known
  }

  async #read(input: DatumInput): Promise<DatumInput> {
    const view = treeView(this.#content, requireRoot(this.#roots, input))
    const [found] = await view.contentOf([input.path])
    if (found === undefined) return input
    const { digest, size, directory } = found
    return { ...input, digest, executable: found.executable ? true : undefined, size, directory }
  }
}
