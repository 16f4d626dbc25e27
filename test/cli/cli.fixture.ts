import { spawn } from 'node:child_process'
import { mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { compileCache, programFile } from '../program-file.fixture.ts'

const main = programFile()

export interface Ended {
  readonly code: number | null
  readonly stdout: string
  readonly stderr: string
}

export interface CallOptions {
  readonly input?: string | Uint8Array
  readonly env?: Readonly<Record<string, string>>
  /** Runs under a terminal (util-linux `script`): stdout and stderr come back as one. */
  readonly terminal?: boolean
  /** Runs as another user (util-linux `setpriv`), which only root can. */
  readonly uid?: number
}

/** A project folder and the command line run inside it as users run it: as a process. */
export class CliRig {
  readonly folder: string

  constructor() {
    this.folder = mkdtempSync(join(tmpdir(), 'varve-cli-'))
  }

  /** Runs `varve` with these words and waits for its end, whatever it is. */
  call(words: readonly string[], options: CallOptions = {}): Promise<Ended> {
    const child = this.start(words, options)
    return new Promise((resolve, reject) => {
      const out: Buffer[] = []
      const err: Buffer[] = []
      child.stdout.on('data', (chunk: Buffer) => out.push(chunk))
      child.stderr.on('data', (chunk: Buffer) => err.push(chunk))
      child.on('error', reject)
      child.on('close', (code) => {
        const [stdout, stderr] = [out, err].map((chunks) => Buffer.concat(chunks).toString())
        resolve({ code, stdout: stdout ?? '', stderr: stderr ?? '' })
      })
      child.stdin.end(options.input ?? '')
    })
  }

  /** As `call`, for commands that must succeed: answers stdout. */
  async must(words: readonly string[], options: CallOptions = {}): Promise<string> {
    const { code, stdout, stderr } = await this.call(words, options)
    if (code === 0) return stdout
    throw new Error(`varve ${words.join(' ')} ended with ${code}:\n${stderr}`)
  }

  async json(words: readonly string[]): Promise<unknown> {
    return JSON.parse(await this.must([...words, '--json'])) as unknown
  }

  start(words: readonly string[], { env = {}, terminal = false, uid }: CallOptions = {}) {
    const as = uid === undefined ? [] : asUser(uid)
    const command = [...as, process.execPath, main, ...words]
    const [program, ...args] = terminal
      ? ['script', '-qec', command.map(quoted).join(' '), '/dev/null']
      : command
    const { FORCE_COLOR: _, NO_COLOR: __, ...inherited } = process.env
    return spawn(program ?? '', args, {
      cwd: this.folder,
      env: { ...inherited, ...compileCache, ...env },
      stdio: 'pipe',
    })
  }

  /** Sizes of everything that is truth: equal before and after a command that changed nothing. */
  storedBytes(): Record<string, number> {
    const segments = join(this.folder, '.varve', 'segments')
    const names = readdirSync(segments, { recursive: true, encoding: 'utf8' })
    return Object.fromEntries(names.map((name) => [name, statSync(join(segments, name)).size]))
  }

  dispose(): void {
    rmSync(this.folder, { recursive: true, force: true })
  }
}

function asUser(uid: number): string[] {
  return ['setpriv', `--reuid=${uid}`, `--regid=${uid}`, '--clear-groups', '--']
}

function quoted(word: string): string {
  return `'${word.replaceAll("'", `'\\''`)}'`
}

export const copyPipeline = (name: string, repo: string): string => `
pipeline: { name: ${name} }
input: { pfs: { repo: ${repo}, glob: '/*' } }
transform: { operator: copy }
`
