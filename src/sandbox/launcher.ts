import { type ChildProcess, spawn } from 'node:child_process'
import type { Readable, Writable } from 'node:stream'
import { VarveError } from '../model/index.ts'
import { invariant } from '../util/index.ts'
import { language } from './environment.ts'
import { launcherRequest, launcherScript } from './launcher-script.ts'
import { LogBuffer } from './log-buffer.ts'
import type { CommandLog } from './types.ts'

/** How long a report that comes at once may take on a busy machine. */
const CUT_MS = 500
const ready = '\0ready\0'
/** 128 + SIGTERM: what a shell says of a command that was asked to end. */
const NEVER_BEGAN = 143

/** How one command ended, as the launcher saw it. */
export interface LaunchEnd {
  readonly code: number
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
  /** What came before the launcher could take commands and signals; undefined since it can. */
  #starting: Buffer | undefined = Buffer.alloc(0)
  #request: string | undefined
  #log = new LogBuffer()
  #mark = ''
  readonly #lifeLine: Writable
  #cut: ((log: CommandLog) => void) | undefined
  #settle: { resolve: (end: LaunchEnd) => void; reject: (error: Error) => void } | undefined
  #gone: Promise<void>
  #dead = false

  constructor(command: readonly [string, ...string[]]) {
    const [program, ...args] = command
    // Detached: Ctrl-C in a terminal reaches us, and we decide what becomes of the commands.
    this.#child = spawn(
      program,
      [...args, '-c', launcherScript, `varve-launcher ${String(process.pid)}`],
      {
        detached: true,
        env: { LANG: language },
        cwd: '/',
        stdio: ['pipe', 'pipe', 'ignore', 'pipe'],
      },
    )
    invariant(this.#child.stdin && this.#child.stdout, 'a piped process has its streams')
    this.#lifeLine = this.#child.stdio[3] as Writable
    this.#lifeLine.on('error', () => undefined)
    // A watcher must not signal the id of a launcher that is gone: it may be another's by then.
    this.#child.once('exit', () => this.#lifeLine.end('gone\n'))
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

  /**
   * Runs the script of one command. `mark` must be unguessable for the command; `note` is how
   * its log begins.
   */
  async run(script: string, mark: string, note = ''): Promise<LaunchEnd> {
    invariant(this.#settle === undefined, 'a launcher runs one command at a time')
    this.#log = new LogBuffer()
    this.#log.push(Buffer.from(note))
    this.#mark = mark
    try {
      return await new Promise<LaunchEnd>((resolve, reject) => {
        this.#settle = { resolve, reject }
        if (this.#dead) reject(new Error('the launcher could not be started'))
        else this.#send(launcherRequest(mark, script))
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
    if (this.#request === undefined) this.#child.kill(how === 'ask' ? 'SIGUSR1' : 'SIGUSR2')
    else this.#drop()
  }

  #send(request: string): void {
    if (this.#starting === undefined) this.#input.write(request)
    else this.#request = request
  }

  /** Ends the command in hand before it began. */
  #drop(): void {
    this.#request = undefined
    const settle = this.#settle
    this.#settle = undefined
    settle?.resolve({ code: NEVER_BEGAN, log: this.#log.finish(0) })
  }

  /** What the command in hand wrote up to now; its log begins anew. One call at a time. */
  cutLog(): Promise<CommandLog> {
    return new Promise<CommandLog>((resolve) => {
      // The command may end at this very moment, and then no answer comes.
      const timer = setTimeout(() => this.#cutAt(0), CUT_MS)
      this.#cut = (cut) => {
        clearTimeout(timer)
        resolve(cut)
      }
      this.#child.kill('SIGHUP')
    })
  }

  async close(): Promise<void> {
    // The end of its input as well: a shell that is just about to read may miss the signal.
    this.#input.end()
    if (!this.#dead) this.#child.kill('SIGTERM')
    await this.#gone
  }

  /** Reports may come in pieces, and what a command left behind may go on writing after them. */
  #readFrom(stream: Readable): void {
    stream.on('data', (data: Buffer) => {
      const chunk = this.#starting === undefined ? data : this.#started(data)
      const window = Buffer.concat([this.#log.end, chunk])
      this.#log.push(chunk)
      if (this.#settle === undefined) return
      const answer = `\0${this.#mark} cut\0`
      const cut = this.#cut === undefined ? -1 : window.indexOf(answer)
      if (cut >= 0) this.#cutAt(window.length - cut, window.subarray(cut + answer.length))
      const report = `\0${this.#mark} ended `
      const opening = window.lastIndexOf(report)
      const closing = opening < 0 ? -1 : window.indexOf(0, opening + report.length)
      if (closing < 0) return
      const code = Number(window.toString('latin1', opening + report.length, closing))
      this.#finish(code, window.length - opening)
    })
  }

  /** Answers what came after the launcher said that it is ready. */
  #started(data: Buffer): Buffer {
    const all = Buffer.concat([this.#starting ?? data.subarray(0, 0), data])
    const at = all.indexOf(ready)
    this.#starting = at < 0 ? all : undefined
    if (at < 0) return all.subarray(0, 0)
    if (this.#request !== undefined) this.#input.write(this.#request)
    this.#request = undefined
    return all.subarray(at + ready.length)
  }

  #cutAt(dropped: number, rest: Buffer = Buffer.alloc(0)): void {
    const cut = this.#cut
    this.#cut = undefined
    const log = this.#log.finish(dropped)
    this.#log = new LogBuffer()
    this.#log.push(rest)
    cut?.(log)
  }

  /** Who waits for a cut gets the log: else it would get that of the next command. */
  #finish(code: number, dropped: number): void {
    const isCut = this.#cut !== undefined
    if (isCut) this.#cutAt(dropped)
    const settle = this.#settle
    this.#settle = undefined
    settle?.resolve({ code, log: this.#log.finish(isCut ? 0 : dropped) })
  }
}
