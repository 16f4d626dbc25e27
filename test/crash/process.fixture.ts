import { spawn, type ChildProcess } from 'node:child_process'
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { openVarve, type OpenMode, type Varve } from '../../src/index.ts'
import { compileCache, programFile } from '../program-file.fixture.ts'

/** How a command ended, with all it printed. */
export interface Ended {
  readonly code: number | null
  readonly signal: NodeJS.Signals | null
  readonly stdout: string
  readonly stderr: string
  readonly ms: number
}

export interface Running {
  readonly child: ChildProcess
  readonly pid: number
  readonly ended: Promise<Ended>
}

const program = programFile()

const quiet = { NO_COLOR: '1', NODE_OPTIONS: '', ...compileCache }

/** A project on the real disk, used by real processes. */
export class ProcessProject {
  readonly folder: string
  /** Where its processes make temporary files: theirs alone, so that leftovers are seen. */
  readonly temporary: string

  constructor(parent: string = tmpdir()) {
    this.folder = mkdtempSync(join(parent, 'varve-processes-'))
    this.temporary = mkdtempSync(join(parent, 'varve-temporary-'))
  }

  /** Starts the command line; nothing of it survives the test if the test cleans up. */
  start(...words: readonly string[]): Running {
    const startedAt = performance.now()
    const child = spawn(
      process.execPath,
      ['--disable-warning=ExperimentalWarning', program, '-C', this.folder, ...words],
      {
        detached: true,
        stdio: ['ignore', 'pipe', 'pipe'],
        env: { ...process.env, ...quiet, TMPDIR: this.temporary },
      },
    )
    let stdout = ''
    let stderr = ''
    child.stdout.setEncoding('utf8').on('data', (text: string) => (stdout += text))
    child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text))
    const ended = new Promise<Ended>((resolve, reject) => {
      child.on('error', reject).on('exit', (code, signal) => {
        child.stdout.destroy()
        child.stderr.destroy()
        resolve({ code, signal, stdout, stderr, ms: performance.now() - startedAt })
      })
    })
    return { child, pid: child.pid ?? 0, ended }
  }

  /** Runs a command to its end. */
  async run(...words: readonly string[]): Promise<Ended> {
    return this.start(...words).ended
  }

  /** As `run`, for what must not fail. */
  async must(...words: readonly string[]): Promise<Ended> {
    const ended = await this.run(...words)
    if (ended.code === 0) return ended
    throw new Error(`varve ${words.join(' ')} ended with ${ended.code}: ${ended.stderr}`)
  }

  /** Starts a command and kills it after some time; undefined when it was done before. */
  async killed(afterMs: number, ...words: readonly string[]): Promise<Ended> {
    const { child, ended } = this.start(...words)
    const timer = setTimeout(() => child.kill('SIGKILL'), afterMs)
    const end = await ended
    clearTimeout(timer)
    return end
  }

  /** Opens the store in this process. */
  async with<T>(mode: OpenMode, work: (varve: Varve) => Promise<T> | T): Promise<T> {
    const varve = await openVarve({ dir: this.folder, mode })
    try {
      return await work(varve)
    } finally {
      await varve.close()
    }
  }

  /** Processes that still have to do with this project. */
  leaked(): string[] {
    const marks = [this.folder, this.temporary]
    return readdirSync('/proc')
      .filter((name) => /^\d+$/.test(name) && Number(name) !== process.pid)
      .filter((pid) => {
        const told = ['cmdline', 'environ'].map((file) => readProc(join('/proc', pid, file)))
        return marks.some((mark) => told.some((text) => text.includes(mark)))
      })
      .map((pid) => `${pid} ${readProc(join('/proc', pid, 'cmdline')).replaceAll('\0', ' ')}`)
  }

  /** Scratch that a run left behind. */
  leftovers(): string[] {
    const scratch = join(this.folder, '.varve/tmp')
    return [...readdirSync(scratch), ...readdirSync(this.temporary)]
  }

  remove(): void {
    rmSync(this.folder, { recursive: true, force: true })
    rmSync(this.temporary, { recursive: true, force: true })
  }
}

function readProc(path: string): string {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return ''
  }
}
