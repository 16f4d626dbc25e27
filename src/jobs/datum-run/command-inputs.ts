import { join } from 'node:path'
import type { Digest } from '../../model/index.ts'
import type { Datum, DatumInput } from '../../pipelines/index.ts'
import type { Content } from '../../repos/index.ts'
import type { InputFile, TaskInput } from '../../sandbox/index.ts'
import { freshFolder, removeFolder, writeScratch } from './scratch-files.ts'
import { filesOf, type DatumFile, type RootOf } from './datum-files.ts'

/** Larger files are streamed to disk instead of passing through memory whole. */
const wholeBytes = 4 << 20
/** Folders of shared inputs kept at a time. */
const mostFolders = 16

/**
 * Brings the inputs of datums where a command can see them. A directory that many datums share (a
 * repo of scripts in a cross, say) is written once and shown to all of them read-only.
 */
export class CommandInputs {
  readonly #content: Content
  readonly #rootOf: RootOf
  readonly #folder: string
  readonly #shared = new Map<string, { readonly dir: Promise<string>; users: number }>()
  #made = 0

  constructor(options: { content: Content; rootOf: RootOf; folder: string }) {
    this.#content = options.content
    this.#rootOf = options.rootOf
    this.#folder = options.folder
  }

  /** Runs `work` with the inputs of a datum; shared folders stay for the next one. */
  async use<T>(datum: Datum, work: (inputs: readonly TaskInput[]) => Promise<T>): Promise<T> {
    const held: string[] = []
    try {
      const inputs: TaskInput[] = []
      for (const [name, members] of byName(datum.inputs)) {
        inputs.push(await this.#inputOf(name, members, held))
      }
      return await work(inputs)
    } finally {
      await this.#release(held)
    }
  }

  async close(): Promise<void> {
    await removeFolder(this.#folder)
  }

  async #inputOf(name: string, members: readonly DatumInput[], held: string[]): Promise<TaskInput> {
    const [only] = members
    if (members.length === 1 && only !== undefined && only.directory && !only.emptyFiles) {
      return { name, dir: await this.#sharedFolder(only, held) }
    }
    const files: DatumFile[] = []
    for (const member of members) files.push(...(await this.#filesOf(member)))
    return { name, files: await this.#inputFiles(files) }
  }

  async #filesOf(input: DatumInput): Promise<DatumFile[]> {
    const files = await filesOf(this.#content, this.#rootOf, input)
    if (input.directory) return files
    const entries = await this.#content.entries(
      this.#rootOf(input),
      files.map(({ path }) => path),
    )
    return files.map((file, place) => {
      const entry = entries[place]
      if (entry === undefined) return file
      return { ...file, executable: this.#content.fileOf(entry).executable }
    })
  }

  async #inputFiles(files: readonly DatumFile[]): Promise<InputFile[]> {
    const small = files.filter((file) => !file.empty && isSmall(file))
    const read = await this.#content.read(small.map(({ digest }) => digest))
    const bytes = new Map(small.map(({ digest }, place) => [digest, read[place]]))
    return files.map(({ path, digest, executable, empty, size }): InputFile => {
      const whole = empty ? new Uint8Array() : bytes.get(digest)
      if (whole !== undefined && !executable) return { path, content: whole }
      return {
        path,
        content: (target) => this.#write(target, { digest, executable, size, empty }),
      }
    })
  }

  #sharedFolder(input: DatumInput, held: string[]): Promise<string> {
    const key = JSON.stringify([input.repo, input.path, input.digest])
    let shared = this.#shared.get(key)
    if (shared === undefined) {
      shared = { dir: this.#writeFolder(input), users: 0 }
      this.#shared.set(key, shared)
    }
    shared.users++
    held.push(key)
    return shared.dir
  }

  async #writeFolder(input: DatumInput): Promise<string> {
    const dir = join(this.#folder, `shared-${++this.#made}`)
    await freshFolder(dir)
    for (const file of await this.#filesOf(input)) {
      await this.#write(join(dir, file.path), file)
    }
    return dir
  }

  async #write(
    target: string,
    file: Pick<DatumFile, 'digest' | 'executable' | 'size' | 'empty'>,
  ): Promise<void> {
    const { digest, executable } = file
    const [whole] = file.empty || !isSmall(file) ? [undefined] : await this.#content.read([digest])
    const content = file.empty ? new Uint8Array() : (whole ?? this.#content.stream(digest))
    await writeScratch(target, content, executable)
  }

  async #release(held: readonly string[]): Promise<void> {
    for (const key of held) {
      const shared = this.#shared.get(key)
      if (shared !== undefined) shared.users--
    }
    for (const [key, { dir, users }] of this.#shared) {
      if (this.#shared.size <= mostFolders) return
      if (users > 0) continue
      this.#shared.delete(key)
      await removeFolder(await dir)
    }
  }
}

const isSmall = ({ size }: { readonly size: number }): boolean => size <= wholeBytes

function byName(inputs: readonly DatumInput[]): ReadonlyMap<string, readonly DatumInput[]> {
  const names = new Map<string, DatumInput[]>()
  for (const input of inputs) {
    const members = names.get(input.name)
    if (members === undefined) names.set(input.name, [input])
    else members.push(input)
  }
  return names
}

/** The item an input's file is made of: an output that is a link to it needs no bytes moved. */
export async function inputItem(
  content: Content,
  rootOf: RootOf,
  at: { readonly datum: Datum; readonly input: string; readonly path: string },
): Promise<{ digest: Digest; size: number; executable: boolean } | undefined> {
  const member = at.datum.inputs.find(({ name }) => name === at.input)
  if (member === undefined) return undefined
  const [entry] = await content.entries(rootOf(member), [at.path])
  if (entry === undefined) return undefined
  const { digest, size, executable } = content.fileOf(entry)
  return { digest, size, executable }
}
