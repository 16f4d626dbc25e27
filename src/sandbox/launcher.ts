import { type ChildProcess, spawn } from 'node:child_process'
import type { Readable, Writable } from 'node:stream'
import { VarveError } from '../model/index.ts'
import { invariant } from '../util/index.ts'
import { launcherScript } from './launcher-script.ts'
import { LogBuffer } from './log-buffer.ts'
import type { CommandLog } from './types.ts'

/** How one command ended, as the launcher saw it. */
export interface LaunchEnd {
  readonly code: number
  readonly cpuMs: number
  readonly log: CommandLog
}

/**
 * A small long-lived process that starts commands for us, one at a time. Forking from it costs a
 * fraction of forking from Node, whose address space is large (measured in
 * `bench/commands.bench.ts`).
 */
export class Launcher {
  readonly #child: ChildProcess
  readonly #input: Writable
  #log = new LogBuffer()
  #mark = ''
  #cpuMsBefore = 0
  #settle: { resolve: (end: LaunchEnd) => void; reject: (error: Error) => void } | undefined
  #gone: Promise<void>
  #dead = false

  constructor(command: readonly [string, ...string[]]) {
    const [program, ...args] = command
    // Detached: Ctrl-C in a terminal reaches us, and we decide what becomes of the commands.
    this.#child = spawn(program, [...args, '-c', launcherScript, 'varve-launcher'], {
      detached: true,
      env: {},
      cwd: '/',
      stdio: ['pipe', 'pipe', 'ignore'],
    })
    invariant(this.#child.stdin && this.#child.stdout, 'a piped process has its streams')
    this.#input = this.#child.stdin
    this.#input.on('error', () => undefined)
    this.#readFrom(this.#child.stdout)
    this.#gone = new Promise((resolve) => {
      const end = (): void => {
        this.#dead = true
        this.#settle?.reject(new Error(`the launcher ${program} ended unexpectedly`))
        this.#settle = undefined
        resolve()
      }
      this.#child.once('error', end)
      this.#child.once('close', end)
    })
  }

  get usable(): boolean {
    return !this.#dead
  }

  /** Runs the script file of one command. `mark` must be unguessable for the command. */
  async run(scriptFile: string, mark: string): Promise<LaunchEnd> {
    invariant(this.#settle === undefined, 'a launcher runs one command at a time')
    this.#log = new LogBuffer()
    this.#mark = mark
    try {
      return await new Promise<LaunchEnd>((resolve, reject) => {
        this.#settle = { resolve, reject }
        if (this.#dead) reject(new Error('the launcher could not be started'))
        else this.#input.write(`${mark} ${scriptFile}\n`)
      })
    } catch (cause) {
      throw new VarveError('MISSING_PROGRAM', {
        what: 'The process that starts commands (bash) could not be started or was killed',
        next: 'Check that bash is installed and that the machine has memory left.',
        cause,
      })
    }
  }

  /** Asks the command in hand to end, or kills it with everything in its process group. */
  signal(how: 'ask' | 'kill'): void {
    this.#child.kill(how === 'ask' ? 'SIGUSR1' : 'SIGUSR2')
  }

  /** What the command in hand wrote since the last call of `run`, so far. */
  logSoFar(): CommandLog {
    return this.#log.finish(0)
  }

  async close(): Promise<void> {
    if (!this.#dead) this.#child.kill('SIGTERM')
    await this.#gone
  }

  #readFrom(stream: Readable): void {
    stream.on('data', (chunk: Buffer) => {
      this.#log.push(chunk)
      const closing = `\0${this.#mark}\0`
      if (this.#settle === undefined || chunk[chunk.length - 1] !== 0) return
      const end = this.#log.end.toString('latin1')
      if (end.endsWith(closing)) this.#finish(end)
    })
  }

  #finish(end: string): void {
    const opening = end.lastIndexOf(`\0${this.#mark} `)
    invariant(opening >= 0, 'an end report has a beginning')
    const [first = '', , children = ''] = end.slice(opening + 1).split('\n')
    const cpuMs = parseTimes(children)
    const settle = this.#settle
    this.#settle = undefined
    settle?.resolve({
      code: Number(first.slice(first.indexOf(' ') + 1)),
      cpuMs: Math.max(0, cpuMs - this.#cpuMsBefore),
      log: this.#log.finish(end.length - opening),
    })
    this.#cpuMsBefore = cpuMs
  }
}

/** `0m0.123s 0m0.045s`, user and system time, as milliseconds. */
function parseTimes(line: string): number {
  let seconds = 0
  for (const [, minutes, rest] of line.matchAll(/(\d+)m([\d.]+)s/g)) {
    seconds += Number(minutes) * 60 + Number(rest)
  }
  return Math.round(seconds * 1000)
}
