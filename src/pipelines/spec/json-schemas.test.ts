import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { jsonSchemas } from './json-schemas.ts'

test.each(Object.entries(jsonSchemas()))(
  'schema/%s is current: run node scripts/make-schemas.ts',
  (name, schema) => {
    const published: unknown = JSON.parse(
      readFileSync(new URL(`../../../schema/${name}`, import.meta.url), 'utf8'),
    )
    expect(published).toEqual(JSON.parse(JSON.stringify(schema)))
  },
)

test('a schema refuses unknown fields and knows both spellings', () => {
  const schema = jsonSchemas()['pipeline.schema.json'] as {
    additionalProperties: boolean
    properties: Record<string, { deprecated?: boolean; enum?: unknown[] }>
  }
  expect(schema.additionalProperties).toBe(false)
  expect(schema.properties['datumTries']).toEqual(schema.properties['datum_tries'])
  expect(schema.properties['enable_stats']?.deprecated).toBe(true)
  expect(schema.properties['s3_out']?.enum).toEqual([false, null])
})
