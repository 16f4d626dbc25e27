import { z } from 'zod'
import { comparePaths } from '../../model/index.ts'
import { inputRefused } from '../input-refused.ts'
import { defineOperator, type Operator, type OperatorFile } from '../operator.ts'
import { stem, withExtension } from '../output-path.ts'
import { parseRow } from './row.ts'

/**
 * Joins JSON objects that describe the same image and come from several inputs: `vol/a/x.json` and
 * `sob/a/x.json` give `a/x.json`, one line that starts with `"image":"a/x"` and goes on with the
 * fields of all in order of name. Two inputs that give one field different values are refused.
 */
export const joinFeatures: Operator = defineOperator({
  name: 'join-features',
  version: 1,
  summary: 'Joins the JSON files that several inputs hold for one image into one row.',
  params: z.strictObject({}),
  run(files) {
    const joined = new Map<string, Map<string, unknown>>()
    for (const file of files) {
      const path = withExtension(file.path, 'json')
      const fields = joined.get(path) ?? new Map<string, unknown>()
      joined.set(path, fields)
      addFields(fields, file)
    }
    const outputs = [...joined].map(([path, fields]) => {
      const sorted = [...fields].sort(([a], [b]) => comparePaths(a, b))
      const row = { image: stem(path), ...Object.fromEntries(sorted) }
      return { path, bytes: Buffer.from(`${JSON.stringify(row)}\n`) }
    })
    return Promise.resolve(outputs)
  },
})

function addFields(fields: Map<string, unknown>, file: OperatorFile): void {
  for (const [name, value] of Object.entries(parseRow(file))) {
    if (name === 'image') continue
    if (fields.has(name) && JSON.stringify(fields.get(name)) !== JSON.stringify(value)) {
      throw inputRefused(file, 'field-clash', `another input gives "${name}" another value.`)
    }
    fields.set(name, value)
  }
}
