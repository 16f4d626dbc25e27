import { z } from 'zod'
import { VarveError } from '../model/index.ts'
import { defineOperator, type Operator, type OperatorOutput } from './operator.ts'

const params = z.strictObject({
  prefix: z
    .string()
    .regex(/^([^/]+(\/[^/]+)*)?$/, 'must be a relative path without a trailing slash')
    .default('')
    .describe('Folder of the output repo to copy into; the root when left out.'),
})

/**
 * Copies every file of the datum to the same path in the output. Files of several inputs that
 * share a path and its content are written once; with other content the copy is refused.
 */
export const copy: Operator = defineOperator({
  name: 'copy',
  version: 1,
  summary: 'Copies every input file to the same path of the output.',
  params,
  run(files, { prefix }) {
    const outputs = new Map<string, OperatorOutput>()
    for (const { path: source, bytes } of files) {
      const path = prefix === '' ? source : `${prefix}/${source}`
      const earlier = outputs.get(path)
      if (earlier !== undefined && Buffer.compare(earlier.bytes, bytes) !== 0) throw clash(path)
      outputs.set(path, { path, bytes })
    }
    return Promise.resolve([...outputs.values()])
  },
})

function clash(path: string): VarveError {
  return new VarveError('PATH_CONFLICT', {
    what: `Two inputs hold different files at "${path}".`,
    next: 'Copy one input per pipeline, each with its own prefix.',
    data: { path },
  })
}
