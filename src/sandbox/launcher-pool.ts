import { Launcher } from './launcher.ts'

/** Launchers at rest, kept for the next command. Grows to as many as run at once. */
export class LauncherPool {
  readonly #command: readonly [string, ...string[]]
  readonly #idle: Launcher[] = []
  readonly #all = new Set<Launcher>()

  constructor(command: readonly [string, ...string[]]) {
    this.#command = command
  }

  take(): Launcher {
    const launcher = this.#idle.pop() ?? new Launcher(this.#command)
    this.#all.add(launcher)
    return launcher
  }

  give(launcher: Launcher): void {
    if (launcher.usable) this.#idle.push(launcher)
    else this.#all.delete(launcher)
  }

  async close(): Promise<void> {
    await Promise.all([...this.#all].map((launcher) => launcher.close()))
    this.#all.clear()
  }
}
