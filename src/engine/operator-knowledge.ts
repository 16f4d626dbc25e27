import type { CodeFacts } from '../jobs/index.ts'
import { VarveError } from '../model/index.ts'
import type { OperatorRegistry } from '../operators/index.ts'
import type { PipelineSpec } from '../pipelines/index.ts'
import { invariant } from '../util/index.ts'

/**
 * What is known of operators, loaded when it is first needed: most commands never ask. `load` comes
 * before anything that plans or runs.
 */
export class OperatorKnowledge {
  #registry: OperatorRegistry | undefined
  #images: ReadonlyMap<string, string> = new Map()

  readonly facts: CodeFacts = {
    operatorVersion: (name) => {
      invariant(this.#registry !== undefined, 'operators were asked for before they were loaded')
      return this.#registry.get(name).version
    },
    imageDigest: (image) => this.#images.get(image),
  }

  async load(): Promise<void> {
    if (this.#registry !== undefined) return
    const { builtInOperators, createRegistry } = await import('../operators/index.ts')
    this.#registry = createRegistry(builtInOperators)
  }

  /** What the images of specs map to, as digests that take part in fingerprints. */
  knowImages(images: ReadonlyMap<string, string>): void {
    this.#images = images
  }

  /** Throws for the first pipeline that names an unknown operator or gives it bad parameters. */
  async check(specs: readonly PipelineSpec[]): Promise<void> {
    const steps = specs.flatMap(stepsOf)
    if (steps.length === 0) return
    await this.load()
    const { parseParams } = await import('../operators/index.ts')
    for (const { pipeline, operator, params } of steps) {
      try {
        parseParams(this.#known(operator), params)
      } catch (error) {
        if (!(error instanceof VarveError)) throw error
        const { code, message, next, data } = error
        const what = `Pipeline "${pipeline}": ${message}`
        throw new VarveError(code, { what, next, data: { ...data, pipeline }, cause: error })
      }
    }
  }

  #known(name: string): ReturnType<OperatorRegistry['get']> {
    invariant(this.#registry !== undefined, 'operators were asked for before they were loaded')
    return this.#registry.get(name)
  }
}

function stepsOf({ name, transform }: PipelineSpec) {
  if (transform.kind === 'command') return []
  const steps = transform.kind === 'operator' ? [transform] : transform.process
  return steps.map(({ operator, params }) => ({ pipeline: name, operator, params }))
}
