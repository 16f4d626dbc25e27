/** Wall time a command may take: over all of a task, or over each piece of a session. */
export class Deadline {
  readonly allowedMs: number | undefined
  /** Called when the time is up; set by whoever watches the command. */
  onExpiry: (allowedMs: number) => void = () => undefined
  #timer: NodeJS.Timeout | undefined
  #closed = false

  constructor(allowedMs: number | undefined) {
    this.allowedMs = allowedMs
  }

  /** Begins to count anew. */
  start(): void {
    this.stop()
    const { allowedMs } = this
    if (allowedMs === undefined || this.#closed) return
    this.#timer = setTimeout(() => this.onExpiry(allowedMs), allowedMs)
  }

  stop(): void {
    clearTimeout(this.#timer)
  }

  /** For good: the command is gone, and its launcher may have another. */
  close(): void {
    this.stop()
    this.#closed = true
  }
}
