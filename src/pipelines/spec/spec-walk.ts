import { isMap, isScalar, isSeq, type Pair, type YAMLMap } from 'yaml'
import { z } from 'zod'
import type { JsonObject } from '../../model/index.ts'
import { nearest } from '../../util/index.ts'
import { expandParameters } from './parameters.ts'
import type { SpecDocument } from './spec-documents.ts'
import type { SpecFault } from './spec-fault.ts'

/** What was written, with field names in snake_case, nulls dropped and unknown fields reported. */
export interface Walked {
  readonly value: unknown
  /** Fields kept and not used, by path. */
  readonly ignored: Readonly<Record<string, unknown>>
  /** Adds a fault at a path, or at the nearest place above it that was written. */
  readonly fault: (path: FaultPath, message: string, details?: FaultDetails) => void
}

export type FaultPath = readonly PropertyKey[]
export interface FaultDetails {
  readonly code?: SpecFault['code']
  readonly severity?: SpecFault['severity']
}

export interface WalkOptions {
  readonly file: string
  readonly faults: SpecFault[]
  /** Values for `${parameters.name}`; left as they are written when undefined. */
  readonly parameters?: JsonObject
  /** Where in the file the document sits, for paths in messages. */
  readonly prefix?: FaultPath
}

/** Reads a syntax tree along a schema: the schema knows the fields, the tree knows the places. */
export function walkSpec(document: SpecDocument, schema: z.ZodType, options: WalkOptions): Walked {
  const walk = new SpecWalk(document, options)
  const value = walk.read(document.root, schema, [])
  return { value, ignored: walk.ignored, fault: (...fault) => walk.fault(...fault) }
}

export function pathText(path: FaultPath): string {
  let text = ''
  for (const part of path) {
    if (typeof part === 'number') text += `[${part}]`
    else text += text === '' ? String(part) : `.${String(part)}`
  }
  return text
}

class SpecWalk {
  readonly ignored: Record<string, unknown> = {}
  readonly #document: SpecDocument
  readonly #options: WalkOptions
  readonly #offsets = new Map<string, number>()

  constructor(document: SpecDocument, options: WalkOptions) {
    this.#document = document
    this.#options = options
  }

  read(node: unknown, schema: z.ZodType, path: FaultPath): unknown {
    this.#note(path, node)
    const shape = objectOf(schema)
    if (isMap(node) && shape !== undefined) return this.#readMap(node, shape, path)
    const core = coreOf(schema)
    if (isMap(node) && core instanceof z.ZodRecord) {
      return this.#readRecord(node, core.valueType as z.ZodType, path)
    }
    if (isSeq(node) && core instanceof z.ZodArray) {
      const element = core.element as z.ZodType
      return node.items.map((item, at) => this.read(item, element, [...path, at]))
    }
    return this.#plain(node, path)
  }

  fault(path: FaultPath, message: string, details: FaultDetails = {}): void {
    let at = path
    while (at.length > 0 && !this.#offsets.has(pathText(at))) at = at.slice(0, -1)
    const { file, faults, prefix = [] } = this.#options
    faults.push({
      severity: details.severity ?? 'error',
      code: details.code ?? 'SPEC_INVALID',
      message,
      file,
      ...this.#document.place(this.#offsets.get(pathText(at)) ?? 0),
      path: pathText([...prefix, ...path]),
    })
  }

  #readMap(map: YAMLMap, schema: z.ZodObject, path: FaultPath): Record<string, unknown> {
    const result: Record<string, unknown> = {}
    const known = Object.keys(schema.shape)
    for (const pair of map.items) {
      const written = keyText(pair)
      if (written === '$schema') continue
      const name = knownName(written, schema)
      const here = [...path, name ?? written]
      this.#note(here, pair.key)
      if (name === undefined) {
        const near = nearest(snakeCase(written), known)
        const hint = near === undefined ? '' : `; did you mean "${near}"?`
        this.fault(here, `there is no field "${written}"${hint}`)
      } else if (name in result) {
        this.fault(here, `"${written}" is given twice`)
      } else {
        this.#readField(pair, schema.shape[name] as z.ZodType, here, result)
      }
    }
    return result
  }

  /** A map whose keys are names of the user's: the fields begin below them. */
  #readRecord(map: YAMLMap, value: z.ZodType, path: FaultPath): unknown {
    if (objectOf(value) === undefined) return this.#plain(map, path)
    const entries = map.items.map((pair): [string, unknown] => {
      const name = keyText(pair)
      return [name, this.read(pair.value, value, [...path, name])]
    })
    return Object.fromEntries(entries)
  }

  #readField(
    { value: node }: Pair,
    schema: z.ZodType,
    path: FaultPath,
    result: Record<string, unknown>,
  ): void {
    if (node === null || (isScalar(node) && node.value === null)) return
    const { varve: use, description } = schema.meta() ?? {}
    const name = String(path.at(-1))
    if (use === undefined) {
      result[name] = this.read(node, schema, path)
      return
    }
    const value = this.#plain(node, path)
    if (use === 'ignored') {
      this.ignored[pathText(path)] = value
      this.fault(path, description ?? 'Ignored.', { severity: 'warning' })
    } else if (isSwitchedOn(value)) {
      // Kept, so that what follows does not take the field for missing.
      result[name] = value
      this.fault(path, description ?? 'Not supported.', { code: 'NOT_SUPPORTED' })
    }
  }

  #plain(node: unknown, path: FaultPath): unknown {
    const value: unknown = isNode(node) ? node.toJS(this.#document.document) : node
    const { parameters } = this.#options
    if (parameters === undefined) return value
    return expandParameters(value, parameters, (message) => this.fault(path, message))
  }

  #note(path: FaultPath, node: unknown): void {
    const text = pathText(path)
    if (this.#offsets.has(text) || !isNode(node) || !Array.isArray(node.range)) return
    this.#offsets.set(text, Number(node.range[0]))
  }
}

interface YamlNode {
  readonly range?: readonly number[] | null
  toJS(document: unknown): unknown
}

function isNode(node: unknown): node is YamlNode {
  return typeof node === 'object' && node !== null && 'toJS' in node
}

function keyText({ key }: Pair): string {
  return String(isScalar(key) ? key.value : key)
}

/** The field a key means: in snake_case, in camelCase, or under its one odd spelling. */
function knownName(written: string, schema: z.ZodObject): string | undefined {
  if (Object.hasOwn(schema.shape, written)) return written
  const snake = snakeCase(written)
  if (Object.hasOwn(schema.shape, snake) && camelCase(snake) === written) return snake
  return Object.keys(schema.shape).find((name) => {
    return (schema.shape[name] as z.ZodType).meta()?.['varveAlias'] === written
  })
}

function snakeCase(name: string): string {
  return name.replace(/([a-z0-9])([A-Z])/g, '$1_$2').toLowerCase()
}

export function camelCase(name: string): string {
  return name.replace(/_([a-z0-9])/g, (_, letter: string) => letter.toUpperCase())
}

/** `s3: false` and an empty list ask for nothing. */
function isSwitchedOn(value: unknown): boolean {
  if (Array.isArray(value)) return value.length > 0
  return value !== false && value !== '' && value !== 'false' && value !== 0
}

function coreOf(schema: z.ZodType): z.ZodType {
  if (schema instanceof z.ZodOptional) return coreOf(schema.unwrap() as z.ZodType)
  if (schema instanceof z.ZodPipe) return coreOf(schema.in as z.ZodType)
  return schema
}

function objectOf(schema: z.ZodType): z.ZodObject | undefined {
  const core = coreOf(schema)
  if (core instanceof z.ZodObject) return core
  if (!(core instanceof z.ZodUnion)) return undefined
  const options = core.options as readonly z.ZodType[]
  return options.map(objectOf).find((option) => option !== undefined)
}
