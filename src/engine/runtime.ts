import { availableParallelism } from 'node:os'
import type { EventBus } from '../events/index.ts'
import {
  openJobs,
  type CommandFacts,
  type Jobs,
  type OperatorExecutor,
  type OperatorResult,
  type OperatorTask,
} from '../jobs/index.ts'
import { EMPTY_TREE } from '../model/index.ts'
import type { Store } from '../repos/index.ts'
import { programModule, type Clock, type Random } from '../util/index.ts'
import { declaredWorkers } from './declared-workers.ts'
import type { ImageMap } from './image-map.ts'
import { lazyBus } from './lazy-bus.ts'
import { lazyExecutor } from './lazy-executor.ts'
import { LazySandbox } from './lazy-sandbox.ts'
import { OperatorKnowledge } from './operator-knowledge.ts'
import type { ProjectFolder } from './project-folder.ts'
import { sandboxMode } from './sandbox-mode.ts'
import { readSecretValues } from './secrets.ts'

export interface RuntimeParts {
  readonly folder: ProjectFolder
  readonly store: Store
  readonly clock: Clock
  readonly random: Random
}

/** Jobs and what they run on. Threads, sandbox and bus are opened when first used. */
export class Runtime {
  readonly jobs: Jobs
  readonly operators: OperatorKnowledge = new OperatorKnowledge()
  /** Opened by its first use. */
  readonly bus: EventBus
  readonly #parts: RuntimeParts
  readonly #sandbox: LazySandbox
  readonly #executor: OperatorExecutor
  #images: ImageMap | undefined
  #workers: number | undefined
  #secrets: Readonly<Record<string, Readonly<Record<string, string>>>> = {}

  constructor(parts: RuntimeParts) {
    const { folder, store, clock, random } = parts
    const workers = (): number => this.#workers ?? availableParallelism()
    this.#parts = parts
    this.#sandbox = new LazySandbox({ mode: sandboxMode(), scratch: folder.scratch, clock, random })
    this.#executor = lazyExecutor(workers, async (slots) =>
      (await import('../executors/index.ts')).threadExecutor<OperatorTask, OperatorResult>({
        module: programModule('engine/operator-task'),
        slots,
      }),
    )
    const machine = {
      operators: this.#executor,
      sandbox: this.#sandbox,
      scratch: folder.scratch,
      get cores() {
        return workers()
      },
      commands: this.#commands(),
    }
    this.bus = lazyBus(async () => (await import('../events/index.ts')).sqliteEventBus(folder.bus))
    this.jobs = openJobs({
      store,
      emptyTree: EMPTY_TREE,
      machine,
      facts: this.operators.facts,
      bus: this.bus,
      clock,
      random,
    })
  }

  /** Before anything is planned or run: operators, image map, and a tried sandbox for commands. */
  async prepare(purpose: 'plan' | 'run'): Promise<void> {
    if (!this.jobs.list().some(({ finishedAt }) => finishedAt === undefined)) return
    await this.operators.load()
    const transforms = this.jobs.pipelines.list().map(({ spec }) => spec.transform)
    const commands = transforms.filter((transform) => transform.kind === 'command')
    if (commands.some(({ image }) => image !== undefined)) {
      const { readImageMap } = await import('./image-map.ts')
      this.#images ??= await readImageMap(this.#parts.folder.projectFile)
      this.operators.knowImages(this.#images.digests)
    }
    if (purpose === 'plan') return
    this.#workers ??= await declaredWorkers(this.#parts.folder.projectFile)
    if (commands.length === 0) return
    this.#secrets = readSecretValues(this.#parts.folder)
    await this.#sandbox.open()
  }

  now(): number {
    return this.#parts.clock.now()
  }

  async close(): Promise<void> {
    await this.#executor.close()
    await this.#sandbox.close()
    await this.bus.close()
  }

  #commands(): CommandFacts {
    return {
      image: (name) => this.#images?.facts(name),
      secret: (name, key) => {
        const secret = this.#secrets[name]
        return key === undefined ? Object.values(secret ?? {})[0] : secret?.[key]
      },
      secretKeys: (name) => Object.keys(this.#secrets[name] ?? {}),
    }
  }
}
