import { mkdirSync, writeFileSync } from 'node:fs'
import { loadSpecReader } from '../src/pipelines/index.ts'

/** Writes the published JSON Schemas; `src/pipelines/spec/json-schemas.test.ts` keeps them current. */
const { jsonSchemas } = await loadSpecReader()
const folder = new URL('../schema/', import.meta.url)
mkdirSync(folder, { recursive: true })
for (const [name, schema] of Object.entries(jsonSchemas())) {
  writeFileSync(new URL(name, folder), `${JSON.stringify(schema, null, 2)}\n`)
}
