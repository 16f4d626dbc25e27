import { VarveError } from '../model/index.ts'
import type { Cli } from './cli.ts'
import { readSpec } from './spec-source.ts'

export interface SecretContent {
  readonly name: string
  readonly values: Readonly<Record<string, string>>
}

interface SecretDocument {
  readonly metadata?: { readonly name?: unknown }
  readonly name?: unknown
  /** Base64, as Kubernetes has it. */
  readonly data?: Readonly<Record<string, unknown>>
  readonly stringData?: Readonly<Record<string, unknown>>
}

/** Reads a Kubernetes secret (`metadata.name`, `data` in base64, `stringData`), in JSON or YAML. */
export async function readSecret(cli: Cli, file: string): Promise<SecretContent> {
  const [{ text }] = await readSpec(cli, file)
  const { parse } = await import('yaml')
  const document = asDocument(parse(text), file)
  const name = document.metadata?.name ?? document.name
  if (typeof name !== 'string') throw malformed(file, 'it has no metadata.name')
  const decoded = Object.entries(document.data ?? {}).map(([key, value]) => [
    key,
    Buffer.from(textOf(file, key, value), 'base64').toString('utf8'),
  ])
  const plain = Object.entries(document.stringData ?? {}).map(([key, value]) => [
    key,
    textOf(file, key, value),
  ])
  const values = [...decoded, ...plain]
  if (values.length === 0) throw malformed(file, 'it has neither stringData nor data')
  return { name, values: Object.fromEntries(values) as Record<string, string> }
}

function asDocument(value: unknown, file: string): SecretDocument {
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value
  throw malformed(file, 'it is not an object')
}

function textOf(file: string, key: string, value: unknown): string {
  if (typeof value === 'string') return value
  throw malformed(file, `the value of "${key}" is not text`)
}

function malformed(file: string, why: string): VarveError {
  return new VarveError('USAGE', {
    what: `${file} is not a secret: ${why}.`,
    next: 'Give an object with metadata.name and stringData (or data in base64).',
  })
}
