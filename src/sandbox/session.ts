import { spawnSync } from 'node:child_process'
import {
  closeSync,
  constants,
  mkdirSync,
  openSync,
  readdirSync,
  renameSync,
  rmSync,
  writeFileSync,
  writeSync,
} from 'node:fs'
import { Socket } from 'node:net'
import { join } from 'node:path'
import { invariant } from '../util/index.ts'
import { collectOutput } from './collect-output.ts'
import { plainLog, runCommand, type RunnerParts } from './command-runner.ts'
import { Deadline } from './deadline.ts'
import type { TaskView } from './isolation.ts'
import type { Launcher } from './launcher.ts'
import { writeInputs } from './task-folder.ts'
import type {
  CommandLog,
  CommandOutcome,
  CommandSession,
  PieceOutcome,
  WorkPiece,
} from './types.ts'

/**
 * The program a batching command calls as `pachctl next datum [--error MESSAGE]` (or `varve ...`).
 * It writes one line to the `request` pipe and waits for one line on the `answer` pipe: `go`, with
 * `/pfs` changed meanwhile, or `stop`, on which it fails so that a loop over it ends.
 */
const nextDatumScript = `#!/bin/sh
if [ "$1 $2" != "next datum" ]; then
  echo "$0: only 'next datum' is available inside a command" >&2
  exit 2
fi
shift 2
message=
case "$1" in
  --error) message=\${2:-failed} ;;
  --error=*) message=\${1#--error=} ;;
esac
printf 'next %s\\n' "$(printf %s "$message" | tr '\\n' ' ')" > "$VARVE_CONTROL/request"
read -r answer < "$VARVE_CONTROL/answer"
[ "$answer" = go ]
`

/** Makes the control folder of a session: two pipes and the programs that speak over them. */
export function makeControl(root: string): string {
  const control = join(root, 'control')
  mkdirSync(join(control, 'bin'), { recursive: true })
  for (const name of ['pachctl', 'varve']) {
    writeFileSync(join(control, 'bin', name), nextDatumScript, { mode: 0o755 })
  }
  spawnSync('mkfifo', [join(control, 'request'), join(control, 'answer')])
  return control
}

/** Starts the command of a session. The first piece is handed out at its first `next datum`. */
export function startSession(
  parts: RunnerParts,
  view: TaskView,
  signal: AbortSignal,
): LocalSession {
  parts.isolation.prepare(view)
  return new LocalSession(parts, view, signal)
}

export class LocalSession implements CommandSession {
  /** Resolves when the command and all it started are gone. */
  readonly ended: Promise<CommandOutcome>
  /** Resolves when its files are gone as well. */
  readonly closed: Promise<void>
  readonly #parts: RunnerParts
  readonly #view: TaskView
  readonly #requests: Socket
  /** Undefined when closed: its number may be another file's by then. */
  #answers: number | undefined
  readonly #deadline: Deadline
  #launcher: Launcher | undefined
  /** The message of the request that waits for an answer; empty when the last piece went well. */
  #asked: string | undefined
  #partial = ''
  #wake: (() => void) | undefined
  #inHand: Promise<unknown> = Promise.resolve()

  constructor(parts: RunnerParts, view: TaskView, signal: AbortSignal) {
    invariant(view.controlDir !== undefined, 'a session has a control folder')
    this.#parts = parts
    this.#view = view
    // Opened for both directions, so that neither opening waits for the command.
    const flags = constants.O_RDWR | constants.O_NONBLOCK
    this.#requests = new Socket({ fd: openSync(join(view.controlDir, 'request'), flags) })
    this.#requests.on('data', (chunk: Buffer) => this.#onRequest(chunk))
    this.#answers = openSync(join(view.controlDir, 'answer'), flags)
    this.#deadline = new Deadline(view.task.limits?.wallMs)
    this.ended = runCommand(parts, view, {
      signal,
      deadline: this.#deadline,
      onStart: (launcher) => {
        this.#launcher = launcher
      },
    })
    const close = (): Promise<void> => this.#close()
    this.closed = this.ended.then(close, close)
  }

  /** The first piece also has the command's start on its clock and in its log. */
  next(piece: WorkPiece): Promise<PieceOutcome> {
    const outcome = this.#next(piece)
    this.#inHand = outcome
    return outcome
  }

  async #next(piece: WorkPiece): Promise<PieceOutcome> {
    this.#deadline.start()
    const early = await this.#nextRequest()
    if (early === undefined) return { kind: 'ended', outcome: await this.ended }
    const inputs = await this.#show(piece)
    this.#answer('go')
    const message = await this.#nextRequest()
    this.#deadline.stop()
    if (message === undefined) return { kind: 'ended', outcome: await this.ended }
    const log = await this.#pieceLog()
    moveEntries(this.#view.outDir, piece.outDir)
    if (message !== '') return { kind: 'failed', message, log }
    const { root } = this.#view
    const view = { outDir: piece.outDir, inputs, tmpDir: join(root, 'tmp'), root }
    const collected = collectOutput(view)
    return collected.kind === 'files'
      ? { kind: 'done', output: collected.files, log }
      : { kind: 'failed', message: collected.faults.join('\n'), log }
  }

  async #pieceLog(): Promise<CommandLog> {
    const log = await this.#launcher?.cutLog()
    return plainLog(log ?? { text: '', omittedBytes: 0 }, this.#view)
  }

  async finish(): Promise<CommandOutcome> {
    this.#deadline.start()
    if ((await this.#nextRequest()) !== undefined) this.#answer('stop')
    // A loop that does not look at the exit code asks for ever, as upstream's examples do.
    if ((await this.#nextRequest()) !== undefined) this.#launcher?.signal('kill')
    return this.ended
  }

  async #close(): Promise<void> {
    this.#launcher = undefined
    this.#asked = undefined
    this.#requests.destroy()
    this.#wake?.()
    // Laying out a piece and taking its output go on in the folder of a command that is gone.
    await this.#inHand.catch(() => undefined)
    if (this.#answers !== undefined) closeSync(this.#answers)
    this.#answers = undefined
    rmSync(this.#view.root, { recursive: true, force: true })
  }

  /** The message of the request to be answered next, or nothing when the command has ended. */
  async #nextRequest(): Promise<string | undefined> {
    if (this.#asked === undefined && !this.#requests.destroyed) {
      await new Promise<void>((resolve) => {
        this.#wake = resolve
      })
    }
    return this.#asked
  }

  #onRequest(chunk: Buffer): void {
    this.#partial += chunk.toString('utf8')
    const end = this.#partial.indexOf('\n')
    if (end < 0) return
    this.#asked = this.#partial.slice('next '.length, end)
    this.#partial = this.#partial.slice(end + 1)
    this.#wake?.()
  }

  #answer(word: 'go' | 'stop'): void {
    this.#asked = undefined
    if (this.#answers !== undefined) writeSync(this.#answers, `${word}\n`)
  }

  /** Replaces what is seen under `/pfs`. The folder itself stays: it may be a mount. */
  async #show(piece: WorkPiece): Promise<ReadonlyMap<string, string>> {
    const { root } = this.#view
    const pfs = join(root, 'pfs')
    for (const name of readdirSync(pfs)) {
      if (name !== 'out') rmSync(join(pfs, name), { recursive: true, force: true })
    }
    // Mounts cannot change under a running command, so prepared folders are copied.
    await writeInputs(root, piece.inputs, false)
    const lines = Object.entries(piece.env).map(([name, value]) => {
      return `${name}=${JSON.stringify(this.#parts.isolation.rewrite(value, this.#view))}\n`
    })
    writeFileSync(join(pfs, '.env'), lines.join(''))
    return new Map(piece.inputs.map(({ name }) => [name, join(pfs, name)]))
  }
}

function moveEntries(from: string, to: string): void {
  for (const name of readdirSync(from)) renameSync(join(from, name), join(to, name))
}
