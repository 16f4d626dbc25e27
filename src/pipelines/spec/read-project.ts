import { isMap, isScalar, isSeq, type ParsedNode } from 'yaml'
import type { z } from 'zod'
import type { JsonObject } from '../../model/index.ts'
import type { PipelineSpec } from '../types.ts'
import { checkedName } from './checked-name.ts'
import { namedRepo, pipelineReference, projectOutline, repoValue } from './project-schema.ts'
import { atStart, checkSchema, PipelineReader } from './read-pipelines.ts'
import { parseDocuments, type SpecDocument } from './spec-documents.ts'
import type { SpecFault, SpecSource } from './spec-fault.ts'
import { walkSpec, type FaultPath, type Walked } from './spec-walk.ts'

/** A `varve.yaml`, typed, with every default filled in. */
export interface ProjectFile {
  readonly name: string | undefined
  readonly description: string
  readonly repos: readonly ProjectRepo[]
  /** Specs written inline. */
  readonly pipelines: readonly PipelineSpec[]
  /** Spec files to read with `readPipelines`, relative to the project file. */
  readonly pipelineFiles: readonly string[]
  readonly parameters: JsonObject
  readonly settings: { readonly workers: number | undefined }
  readonly images: Readonly<Record<string, ImageSettings>>
}

export interface ProjectRepo {
  readonly name: string
  readonly description: string
  /** Folder, relative to the project file, whose files fill the repo. */
  readonly from: string | undefined
}

/** What stands in for a container image on this machine. */
export interface ImageSettings {
  readonly dockerfile: string | undefined
  readonly env: Readonly<Record<string, string>>
  readonly workingDir: string | undefined
  /** Absolute path inside the image → local path. */
  readonly files: Readonly<Record<string, string>>
  readonly cmd: readonly string[] | undefined
}

/** Undefined when the file has errors; `refuseFaults` turns those into a throw. */
export interface ReadProject {
  readonly project: ProjectFile | undefined
  readonly faults: readonly SpecFault[]
}

export function readProject(
  source: SpecSource,
  options: { readonly defaults?: readonly SpecSource[] } = {},
): ReadProject {
  const { documents, faults } = parseDocuments(source, false)
  const [document, second] = documents
  if (second !== undefined) {
    faults.push({ ...atStart(source.file), message: 'a project file holds one document' })
  }
  if (faults.length > 0) return { project: undefined, faults }
  if (document === undefined) return { project: emptyProject, faults }
  if (!isMap(document.root)) {
    faults.push({ ...atStart(source.file), message: 'a project file is a map' })
    return { project: undefined, faults }
  }
  const project = new ProjectReader(document, source.file, faults).read(options.defaults ?? [])
  const failed = faults.some(({ severity }) => severity === 'error')
  return { project: failed ? undefined : project, faults }
}

/** A file of comments only is a project without anything. */
const emptyProject: ProjectFile = {
  name: undefined,
  description: '',
  repos: [],
  pipelines: [],
  pipelineFiles: [],
  parameters: {},
  settings: { workers: undefined },
  images: {},
}

class ProjectReader {
  readonly #document: SpecDocument
  readonly #file: string
  readonly #faults: SpecFault[]
  readonly #walked: Walked

  constructor(document: SpecDocument, file: string, faults: SpecFault[]) {
    this.#document = document
    this.#file = file
    this.#faults = faults
    this.#walked = walkSpec(document, projectOutline, { file, faults })
  }

  read(defaults: readonly SpecSource[]): ProjectFile | undefined {
    const outline = checkSchema(projectOutline, this.#walked.value, this.#walked)
    const parameters = outline?.parameters ?? {}
    const { pipelines, pipelineFiles } = this.#pipelines(defaults, parameters)
    const repos = this.#repos()
    if (outline === undefined) return undefined
    return {
      name: outline.name,
      description: outline.description ?? '',
      repos,
      pipelines,
      pipelineFiles,
      parameters,
      settings: { workers: outline.settings?.workers },
      images: imagesOf(outline.images),
    }
  }

  #pipelines(defaults: readonly SpecSource[], parameters: JsonObject) {
    const reader = new PipelineReader({ defaults, parameters }, this.#faults)
    const pipelines: PipelineSpec[] = []
    const pipelineFiles: string[] = []
    for (const [at, entry] of this.#entries('pipelines').entries()) {
      const path = ['pipelines', at]
      if (isMap(entry) && entry.has('file')) {
        const reference = this.#part(entry, pipelineReference, path)
        if (reference !== undefined) pipelineFiles.push(reference.file)
      } else {
        pipelines.push(...reader.read({ ...this.#document, root: entry }, this.#file, path))
      }
    }
    return { pipelines, pipelineFiles }
  }

  #repos(): ProjectRepo[] {
    const node = this.#field('repos')
    const repos = isMap(node) ? this.#repoMap(node.items) : this.#repoList()
    const seen = new Set<string>()
    for (const { name } of repos) {
      checkedName('repo', name, ['repos'], this.#walked.fault)
      if (seen.has(name)) this.#walked.fault(['repos'], `the repo "${name}" is given twice`)
      seen.add(name)
    }
    return repos
  }

  #repoMap(items: readonly { key: unknown; value: unknown }[]): ProjectRepo[] {
    return items.flatMap(({ key, value }) => {
      const name = String(isScalar(key) ? key.value : key)
      const empty = value === null || (isScalar(value) && value.value === null)
      if (empty) return [{ name, description: '', from: undefined }]
      const fields = this.#part(value as ParsedNode, repoValue, ['repos', name])
      if (fields === undefined) return []
      return [{ name, description: fields.description ?? '', from: fields.from }]
    })
  }

  #repoList(): ProjectRepo[] {
    return this.#entries('repos').flatMap((entry, at) => {
      if (isScalar(entry)) return [{ name: String(entry.value), description: '', from: undefined }]
      const fields = this.#part(entry, namedRepo, ['repos', at])
      if (fields === undefined) return []
      return [{ name: fields.name, description: fields.description ?? '', from: fields.from }]
    })
  }

  #part<Schema extends z.ZodType>(
    root: ParsedNode,
    schema: Schema,
    prefix: FaultPath,
  ): z.output<Schema> | undefined {
    const options = { file: this.#file, faults: this.#faults, prefix }
    const walked = walkSpec({ ...this.#document, root }, schema, options)
    return checkSchema(schema, walked.value, walked)
  }

  #field(name: string): unknown {
    return isMap(this.#document.root) ? this.#document.root.get(name, true) : undefined
  }

  #entries(name: string): ParsedNode[] {
    const node = this.#field(name)
    return isSeq(node) ? (node.items as ParsedNode[]) : []
  }
}

function imagesOf(images: z.output<typeof projectOutline>['images']): ProjectFile['images'] {
  return Object.fromEntries(
    Object.entries(images ?? {}).map(([name, image]) => [
      name,
      {
        dockerfile: image.dockerfile,
        env: image.env ?? {},
        workingDir: image.working_dir,
        files: image.files ?? {},
        cmd: image.cmd,
      },
    ]),
  )
}
