import { readFileSync } from 'node:fs'
import { dirname, relative } from 'node:path'
import type { Document, LineCounter, Node, Pair, YAMLMap } from 'yaml'
import { VarveError } from '../model/index.ts'
import { nearest } from '../util/index.ts'
import type { SpecSource } from './values.ts'

/** A repo as `varve.yaml` declares it; `from` names folders beside the file to fill it from. */
export interface DeclaredRepo {
  readonly name: string
  readonly description: string | undefined
  readonly branch: string
  readonly from: readonly string[]
}

/** What an image name stands for on this machine. */
export interface ImageSettings {
  /** Folders or files shown at absolute paths inside the sandbox. */
  readonly mounts?: Readonly<Record<string, string>>
  readonly workingDir?: string
  readonly env?: Readonly<Record<string, string>>
}

export interface ProjectFile {
  readonly file: string
  /** Relative folders of the file start here. */
  readonly directory: string
  readonly project: string
  readonly repos: readonly DeclaredRepo[]
  /** One source for each pipeline, with the line numbers of the whole file. */
  readonly pipelines: readonly SpecSource[]
  readonly images: Readonly<Record<string, ImageSettings>>
}

interface Fault {
  readonly file: string
  readonly line: number
  readonly column: number
  readonly message: string
}

const topKeys = ['project', 'repos', 'pipelines', 'images', '$schema']
const repoKeys = ['name', 'description', 'branch', 'from']

/** Reads `varve.yaml`. Throws `SPEC_INVALID` with every fault at once, each with line and column. */
export async function readProjectFile(file: string): Promise<ProjectFile> {
  const text = readFileSync(file, 'utf8')
  const yaml = await import('yaml')
  const lines = new yaml.LineCounter()
  const document = yaml.parseDocument(text, { lineCounter: lines })
  const reader = new Reader({ yaml, text, file, lines })
  const project = reader.read(document)
  if (reader.faults.length === 0) return project
  const count = reader.faults.length
  throw new VarveError('SPEC_INVALID', {
    what: `${relative(process.cwd(), file)} has ${count} fault${count === 1 ? '' : 's'}:`,
    data: { file, faults: reader.faults },
  })
}

interface Text {
  readonly yaml: typeof import('yaml')
  readonly text: string
  readonly file: string
  readonly lines: LineCounter
}

class Reader {
  readonly faults: Fault[] = []
  readonly #source: Text

  constructor(source: Text) {
    this.#source = source
  }

  read(document: Document.Parsed): ProjectFile {
    for (const { message, pos } of document.errors) {
      this.#fault(pos[0], message.split('\n')[0] ?? message)
    }
    const { file } = this.#source
    const root = this.#map(document.contents, 'the file')
    if (root !== undefined) this.#knownKeys(root, topKeys)
    return {
      file,
      directory: dirname(file),
      project: this.#text(root, 'project') ?? 'default',
      repos: this.#items(root, 'repos').flatMap((node) => this.#repo(node)),
      pipelines: this.#items(root, 'pipelines').map((node) => this.#spec(node)),
      images: (root?.get('images') === undefined
        ? {}
        : this.#map(root.get('images', true) ?? null, 'images')?.toJSON()) as ProjectFile['images'],
    }
  }

  #repo(node: Node): DeclaredRepo[] {
    const { yaml } = this.#source
    if (yaml.isScalar(node) && typeof node.value === 'string') {
      return [{ name: node.value, description: undefined, branch: 'master', from: [] }]
    }
    const map = this.#map(node, 'a repo')
    if (map === undefined) return []
    this.#knownKeys(map, repoKeys)
    const name = this.#text(map, 'name')
    if (name === undefined) {
      this.#fault(offsetOf(map), 'a repo needs a name')
      return []
    }
    const description = this.#text(map, 'description')
    const branch = this.#text(map, 'branch') ?? 'master'
    const from = yaml.isSeq(map.get('from', true))
      ? this.#items(map, 'from').map((item) => String(item.toJSON()))
      : [this.#text(map, 'from')].filter((text) => text !== undefined)
    return [{ name, description, branch, from }]
  }

  /**
   * The text of one pipeline with everything before it blanked out, so that the reader of specs
   * tells lines and columns of the whole file.
   */
  #spec(node: Node): SpecSource {
    const { text, file } = this.#source
    const [start = 0, end = text.length] = node.range ?? []
    const blank = text.slice(0, start).replaceAll(/[^\n]/g, ' ')
    return { file, text: blank + text.slice(start, end) }
  }

  #map(node: unknown, what: string): YAMLMap | undefined {
    if (node === null || node === undefined) return undefined
    if (this.#source.yaml.isMap(node)) return node
    this.#fault(offsetOf(node), `${what} must be a mapping of names to values`)
    return undefined
  }

  #items(map: YAMLMap | undefined, key: string): Node[] {
    const value: unknown = map?.get(key, true)
    if (value === undefined || value === null) return []
    const { yaml } = this.#source
    if (yaml.isScalar(value) && value.value === null) return []
    if (yaml.isSeq(value)) return value.items.filter(yaml.isNode)
    this.#fault(offsetOf(value), `${key} must be a list`)
    return []
  }

  #text(map: YAMLMap | undefined, key: string): string | undefined {
    const value: unknown = map?.get(key, true)
    if (value === undefined) return undefined
    if (this.#source.yaml.isScalar(value) && typeof value.value === 'string') return value.value
    this.#fault(offsetOf(value), `${key} must be text`)
    return undefined
  }

  #knownKeys(map: YAMLMap, known: readonly string[]): void {
    for (const { key } of map.items as Pair<Node>[]) {
      const name = String(key.toJSON())
      if (known.includes(name)) continue
      const near = nearest(name, known)
      const hint = near === undefined ? `known are ${known.join(', ')}` : `did you mean "${near}"?`
      this.#fault(offsetOf(key), `unknown field "${name}", ${hint}`)
    }
  }

  #fault(offset: number, message: string): void {
    const { line, col } = this.#source.lines.linePos(offset)
    this.faults.push({ file: this.#source.file, line, column: col, message })
  }
}

function offsetOf(node: unknown): number {
  return (node as Node | undefined)?.range?.[0] ?? 0
}
