import { spawn } from 'node:child_process'
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterEach } from 'vitest'
import {
  openVarve,
  type CommitInfo,
  type DatumInfo,
  type FileInfo,
  type JobInfo,
  type OpenOptions,
  type RunEvent,
  type Varve,
} from '../src/index.ts'
import { programFile } from './program-file.fixture.ts'

/** Files by path; `undefined` deletes. */
export type Edits = Readonly<Record<string, string | undefined>>

/** What a shell script did. */
export interface Ran {
  readonly stdout: string
  readonly stderr: string
  readonly code: number
}

const open = new Set<() => Promise<void>>()
afterEach(async () => {
  for (const close of open) await close()
})

/** A project in a folder of its own, as a user's program sees it. Gone when the test is over. */
export async function openRig(options: RigOptions = {}): Promise<Rig> {
  const dir = emptyProject()
  const rig = new Rig(dir, await openVarve({ dir, ...options }))
  open.add(rig.close)
  return rig
}

type RigOptions = Pick<OpenOptions, 'clock'>

/** The whole of Varve behind the words tests are told in. `at` is a repo, `repo@branch` or `repo@id`. */
export class Rig {
  readonly dir: string
  #varve: Varve

  constructor(dir: string, varve: Varve) {
    this.dir = dir
    this.#varve = varve
  }

  get varve(): Varve {
    return this.#varve
  }

  /** As after the end of one process and the start of the next. */
  async reopen(options: RigOptions = {}): Promise<void> {
    await this.#varve.close()
    this.#varve = await openVarve({ dir: this.dir, ...options })
  }

  /** Repos, each with one commit of its files. */
  async repos(repos: Readonly<Record<string, Edits>>): Promise<void> {
    for (const [name, files] of Object.entries(repos)) {
      await this.varve.repos.create(name)
      if (Object.keys(files).length > 0) await this.put(name, files)
    }
  }

  /** One commit of puts and deletions. */
  async put(at: string, edits: Edits): Promise<CommitInfo> {
    const [repo = at, branch = 'master'] = at.split('@')
    return this.varve.repo(repo).commit(
      async (tx) => {
        for (const [path, text] of Object.entries(edits)) {
          await (text === undefined ? tx.delete(path) : tx.put(path, text))
        }
      },
      { branch },
    )
  }

  async append(at: string, path: string, text: string): Promise<CommitInfo> {
    const source = { kind: 'bytes' as const, path, bytes: Buffer.from(text) }
    return this.varve.files.put(head(at), [source], { append: true })
  }

  async create(...specs: readonly object[]): Promise<void> {
    await this.varve.pipelines.change(specs.map(specSource), { mode: 'create' })
  }

  async update(spec: object, options: { reprocess?: boolean } = {}): Promise<void> {
    await this.varve.pipelines.change([specSource(spec)], { mode: 'update', ...options })
  }

  /** Runs all that is due; answers the jobs that ended, in order. */
  async run(saw?: (event: RunEvent) => unknown): Promise<JobInfo[]> {
    const ended: JobInfo[] = []
    for await (const event of this.varve.run()) {
      await saw?.(event)
      if (event.type === 'job.finished') ended.push(event.job)
    }
    return ended
  }

  /** As `run`, where exactly one job is expected. */
  async runOne(): Promise<JobInfo> {
    const jobs = await this.run()
    const [job] = jobs
    if (job === undefined || jobs.length !== 1) {
      throw new Error(`expected one job, not ${JSON.stringify(jobs)}`)
    }
    return job
  }

  /** Every file of a commit and its text. */
  async files(at: string): Promise<Record<string, string>> {
    const files: Record<string, string> = {}
    for await (const { path } of this.varve.files.walk(head(at))) {
      files[path] = await this.text(at, path)
    }
    return files
  }

  async text(at: string, path: string): Promise<string> {
    return Buffer.from(await this.varve.files.read(head(at), path)).toString()
  }

  async glob(at: string, pattern: string): Promise<string[]> {
    return paths(await collect(this.varve.globFiles(head(at), pattern)))
  }

  async list(at: string, path = '/'): Promise<string[]> {
    return paths(await collect(this.varve.files.list(head(at), path)))
  }

  /** Datums of a job, the newest of the pipeline when none is named. */
  async datums(pipeline: string, job?: string): Promise<DatumInfo[]> {
    return collect(this.varve.datums.list({ job: `${pipeline}@${job ?? this.job(pipeline).id}` }))
  }

  /** The newest job of a pipeline. */
  job(pipeline: string): JobInfo {
    const [job] = this.varve.jobs.list({ pipeline, limit: 1 })
    if (job === undefined) throw new Error(`${pipeline} has no job`)
    return job
  }

  /** Commits of a branch, newest first. */
  history(at: string): readonly CommitInfo[] {
    const [repo = at, branch = 'master'] = at.split('@')
    return this.varve.history({ repo, branch })
  }

  async log(pipeline: string): Promise<string[]> {
    return (await collect(this.varve.logs({ pipeline }))).map(({ text }) => text)
  }

  readonly close = async (): Promise<void> => {
    open.delete(this.close)
    await this.varve.close()
    rmSync(this.dir, { recursive: true, force: true })
  }
}

/** `name` alone is `name@master`. */
function head(at: string): string {
  return at.includes('@') ? at : `${at}@master`
}

function specSource(spec: object): { file: string; text: string } {
  return { file: 'spec.json', text: JSON.stringify(spec) }
}

/** Paths as listings show them: directories end in "/". */
export function paths(infos: readonly FileInfo[]): string[] {
  return infos.map(({ kind, path }) => (kind === 'directory' ? `${path}/` : path))
}

export async function collect<T>(items: AsyncIterable<T>): Promise<T[]> {
  const all: T[] = []
  for await (const item of items) all.push(item)
  return all
}

/** A pipeline that feeds lines to a shell; `input` is a repo to read file by file, or an input. */
export function shell(
  name: string,
  input: string | object,
  lines: readonly string[],
  more: { readonly transform?: object; readonly [field: string]: unknown } = {},
): object {
  const { transform, ...rest } = more
  return {
    pipeline: { name },
    input: typeof input === 'string' ? { pfs: { repo: input, glob: '/*' } } : input,
    transform: { cmd: ['sh'], stdin: lines, ...transform },
    ...rest,
  }
}

/** A clock that stands still until a test moves it. */
export class StillClock {
  #now: number
  constructor(start: string) {
    this.#now = Date.parse(start)
  }
  now(): number {
    return this.#now
  }
  advance(seconds: number): void {
    this.#now += seconds * 1000
  }
}

export function emptyProject(): string {
  const dir = mkdtempSync(join(tmpdir(), 'varve-rig-'))
  writeFileSync(join(dir, 'varve.yaml'), '')
  return dir
}

/** What stands before every script: a script written for pachctl meets `varve` under that name. */
const prelude = `set -eu
pachctl() { varve "$@"; }
# One field of each JSON document on stdin, as jq prints it: field '.job.id'
field() { field.mjs "$1"; }
`

const fieldProgram = `#!/usr/bin/env node
// The few words of jq that the scripts need: '.a.b[0].c' of each document of a stream.
let text = ''
for await (const chunk of process.stdin) text += chunk
const path = process.argv[2].match(/[A-Za-z_]\\w*|\\[\\d+\\]/g) ?? []
for (const document of text.split(/^(?=[{[])/m).filter((part) => part.trim() !== '')) {
  let value = JSON.parse(document)
  for (const step of path) value = value?.[step.replace(/[[\\]]/g, '')]
  console.log(value === undefined ? 'null' : typeof value === 'string' ? value : JSON.stringify(value))
}
`

/** Shell scripts in a project of their own, with the command line of this checkout on the PATH. */
export class ShellRig {
  readonly dir: string
  readonly #bin: string

  constructor() {
    this.dir = emptyProject()
    this.#bin = mkdtempSync(join(tmpdir(), 'varve-bin-'))
    const quiet = '--disable-warning=ExperimentalWarning'
    this.#program(
      'varve',
      `#!/bin/sh\nexec '${process.execPath}' ${quiet} '${programFile()}' "$@"\n`,
    )
    this.#program('field.mjs', fieldProgram)
    open.add(this.close)
  }

  /** Makes the files a script finds in its folder. */
  write(files: Readonly<Record<string, string | object>>): void {
    for (const [path, content] of Object.entries(files)) {
      const file = join(this.dir, path)
      mkdirSync(dirname(file), { recursive: true })
      writeFileSync(file, typeof content === 'string' ? content : JSON.stringify(content))
    }
  }

  /** Runs a script to its end; throws when it fails. */
  async sh(script: string): Promise<string> {
    const ran = await this.try(script)
    if (ran.code === 0) return ran.stdout
    throw new Error(`the script ended with ${ran.code}\n${ran.stdout}\n${ran.stderr}`)
  }

  /** Runs a script that may fail. */
  async try(script: string): Promise<Ran> {
    const bins = [this.#bin, dirname(process.execPath), process.env['PATH'] ?? '']
    const child = spawn('sh', ['-c', prelude + script], {
      cwd: this.dir,
      env: { ...process.env, PATH: bins.join(':'), NO_COLOR: '1' },
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    let stdout = ''
    let stderr = ''
    child.stdout.setEncoding('utf8').on('data', (text: string) => (stdout += text))
    child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text))
    const code = await new Promise<number>((resolve, reject) => {
      child.on('error', reject).on('close', (status) => resolve(status ?? -1))
    })
    return { stdout, stderr, code }
  }

  #program(name: string, text: string): void {
    writeFileSync(join(this.#bin, name), text)
    chmodSync(join(this.#bin, name), 0o755)
  }

  readonly close = async (): Promise<void> => {
    open.delete(this.close)
    rmSync(this.dir, { recursive: true, force: true })
    rmSync(this.#bin, { recursive: true, force: true })
  }
}
