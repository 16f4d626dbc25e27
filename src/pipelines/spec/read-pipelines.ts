import type { z } from 'zod'
import type { JsonObject } from '../../model/index.ts'
import type { PipelineSpec } from '../types.ts'
import { effectiveSpec, mergeSpecs } from './effective-spec.ts'
import { pipelineSchema } from './pipeline-schema.ts'
import { parseDocuments, type SpecDocument } from './spec-documents.ts'
import type { SpecFault, SpecSource } from './spec-fault.ts'
import { walkSpec, type FaultPath, type Walked } from './spec-walk.ts'

export interface ReadOptions {
  /** Partial specs that lie under every spec of the file, weakest first. */
  readonly defaults?: readonly SpecSource[]
  /** Values for `${parameters.name}`. */
  readonly parameters?: JsonObject
  /** Project of pipelines that name none; "default" when left out. */
  readonly project?: string
}

/** The specs without errors, and every fault of the file; `refuseFaults` turns errors into a throw. */
export interface ReadPipelines {
  readonly specs: readonly PipelineSpec[]
  readonly faults: readonly SpecFault[]
}

/** Reads a file of pipeline specs: YAML or JSON, one or many. */
export function readPipelines(source: SpecSource, options: ReadOptions = {}): ReadPipelines {
  const { documents, faults } = parseDocuments(source, true)
  const reader = new PipelineReader(options, faults)
  const specs = documents.flatMap((document) => reader.read(document, source.file))
  faults.push(...givenTwice(specs, source.file))
  if (documents.length === 0 && faults.length === 0) {
    faults.push({ ...atStart(source.file), message: 'the file holds no pipeline' })
  }
  return { specs, faults }
}

export function atStart(file: string) {
  return { severity: 'error', code: 'SPEC_INVALID', file, line: 1, column: 1, path: '' } as const
}

/** One fault for each pipeline that is there more than once. */
export function givenTwice(specs: readonly PipelineSpec[], file: string): SpecFault[] {
  const keys = specs.map(({ project, name }) => `${project}/${name}`)
  const again = specs.filter((_, place) => keys.indexOf(keys[place] ?? '') < place)
  return again.map(({ name }) => ({
    ...atStart(file),
    message: `the pipeline "${name}" is given twice`,
  }))
}

export class PipelineReader {
  readonly #options: ReadOptions
  readonly #faults: SpecFault[]
  readonly #defaults: unknown

  constructor(options: ReadOptions, faults: SpecFault[]) {
    this.#options = options
    this.#faults = faults
    this.#defaults = this.#readDefaults()
  }

  /** One spec, or none when it has errors, which are then among the faults. */
  read(document: SpecDocument, file: string, prefix: FaultPath = []): PipelineSpec[] {
    const { parameters = {}, project = 'default' } = this.#options
    const errorsBefore = this.#errors()
    const options = { file, faults: this.#faults, parameters, prefix }
    const walked = walkSpec(document, pipelineSchema, options)
    const merged = mergeSpecs(this.#defaults, walked.value)
    const written = checkSchema(pipelineSchema, merged, walked) ?? soundFields(merged)
    if (written === undefined) return []
    const spec = effectiveSpec(written, walked, project)
    return this.#errors() > errorsBefore ? [] : [spec]
  }

  #errors(): number {
    return this.#faults.filter(({ severity }) => severity === 'error').length
  }

  #readDefaults(): unknown {
    let merged: unknown = {}
    for (const source of this.#options.defaults ?? []) {
      const { documents, faults } = parseDocuments(source, true)
      this.#faults.push(...faults)
      for (const document of documents) {
        const options = { file: source.file, faults: this.#faults }
        merged = mergeSpecs(merged, walkSpec(document, pipelineSchema, options).value)
      }
    }
    return merged
  }
}

/**
 * The fields without faults, beside harmless ones for those that have some: what is left can still be
 * checked, so that the user sees everything at once. Undefined when there is no telling.
 */
function soundFields(value: unknown): z.output<typeof pipelineSchema> | undefined {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return undefined
  const stand = {
    pipeline: { name: 'unknown' },
    transform: { cmd: ['true'] },
    input: { pfs: { repo: 'unknown', glob: '/' } },
  }
  const broken = new Set(pipelineSchema.safeParse(value).error?.issues.map(({ path }) => path[0]))
  const sound = Object.entries(value).filter(([name]) => !broken.has(name))
  return pipelineSchema.safeParse({ ...stand, ...Object.fromEntries(sound) }).data
}

/** The typed value, or undefined after reporting each fault at its place. */
export function checkSchema<Schema extends z.ZodType>(
  schema: Schema,
  value: unknown,
  walked: Walked,
): z.output<Schema> | undefined {
  const result = schema.safeParse(value)
  if (result.success) return result.data
  for (const issue of result.error.issues) {
    walked.fault(issue.path, issueMessage(issue, value))
  }
  return undefined
}

function issueMessage(issue: z.core.$ZodIssue, value: unknown): string {
  let found: unknown = value
  for (const part of issue.path) {
    found = typeof found === 'object' && found !== null ? Reflect.get(found, part) : undefined
  }
  if (found === undefined) return 'is missing'
  if (issue.code === 'invalid_type') return `must be ${article(issue.expected)}`
  if (issue.code === 'invalid_value') {
    return `must be one of ${issue.values.map((allowed) => `"${String(allowed)}"`).join(', ')}`
  }
  return issue.message
}

function article(expected: string): string {
  const names: Readonly<Record<string, string>> = {
    array: 'a list',
    object: 'a map',
    string: 'text',
    record: 'a map',
  }
  return names[expected] ?? expected
}
