import { z } from 'zod'
import { pipelineSchema } from './pipeline-schema.ts'
import { projectSchema } from './project-schema.ts'
import { camelCase } from './spec-walk.ts'

/** The published JSON Schemas, by file name: made from the very definitions the reader uses. */
export function jsonSchemas(): Record<'varve.schema.json' | 'pipeline.schema.json', object> {
  return {
    'varve.schema.json': publish(projectSchema, 'Varve project file'),
    'pipeline.schema.json': publish(pipelineSchema, 'Varve pipeline spec'),
  }
}

function publish(schema: z.ZodType, title: string): object {
  const { $schema, ...rest } = z.toJSONSchema(schema, { io: 'input' })
  return { $schema, title, ...(closed(rest) as object) }
}

/**
 * Refuses unknown fields, so that an editor underlines a typing error, and lists every field in
 * camelCase too, which the reader accepts as well.
 */
function closed(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(closed)
  if (typeof value !== 'object' || value === null) return value
  const result: Record<string, unknown> = {}
  for (const [key, item] of Object.entries(value)) {
    if (key === 'properties') result[key] = bothSpellings(item as Record<string, unknown>)
    else if (key === 'varve' && item === 'ignored') result['deprecated'] = true
    else if (key === 'varve' && item === 'unsupported') result['enum'] = [false, null]
    else if (key !== 'varveAlias') result[key] = closed(item)
  }
  if (result['type'] === 'object' && 'properties' in result) result['additionalProperties'] = false
  return result
}

function bothSpellings(properties: Record<string, unknown>): Record<string, unknown> {
  const result: Record<string, unknown> = {}
  for (const [name, schema] of Object.entries(properties)) {
    const own = closed(schema)
    result[name] = own
    const camel = camelCase(name)
    if (camel !== name) result[camel] = own
    const { varveAlias } = schema as { varveAlias?: string }
    if (varveAlias !== undefined) result[varveAlias] = own
  }
  return result
}
