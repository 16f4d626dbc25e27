import type { Sandbox, SandboxKind, SandboxOptions } from '../sandbox/index.ts'

/**
 * A sandbox that is tried out when the first command wants to run: graphs of operators never pay for
 * it. `open` does it beforehand, so that its warnings are known when a run starts.
 */
export class LazySandbox implements Sandbox {
  readonly #options: SandboxOptions
  #opening: Promise<Sandbox> | undefined
  #opened: Sandbox | undefined

  constructor(options: SandboxOptions) {
    this.#options = options
  }

  get kind(): SandboxKind {
    return this.#opened?.kind ?? 'plain'
  }

  get warnings(): readonly string[] {
    return this.#opened?.warnings ?? []
  }

  async open(): Promise<Sandbox> {
    this.#opening ??= import('../sandbox/index.ts').then(({ openSandbox }) =>
      openSandbox(this.#options),
    )
    this.#opened = await this.#opening
    return this.#opened
  }

  run: Sandbox['run'] = async (...of) => (await this.open()).run(...of)

  openSession: Sandbox['openSession'] = async (task, signal) =>
    (await this.open()).openSession(task, signal)

  /** What could not be opened needs no closing: whoever wanted it was told why. */
  async close(): Promise<void> {
    await this.#opening?.catch(() => undefined)
    await this.#opened?.close()
  }
}
