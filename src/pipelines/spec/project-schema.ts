import { z } from 'zod'
import { mountPathFault } from './mount-path.ts'
import { pipelineSchema } from './pipeline-schema.ts'
import { count, textMap } from './scalars.ts'

/* The project file `varve.yaml` as it is written. */

const repoFields = {
  description: z.string().optional().meta({ description: 'Free text.' }),
  from: z
    .string()
    .optional()
    .meta({ description: 'A folder, relative to this file, whose files fill the repo.' }),
}

export const namedRepo = z.object({ name: z.string(), ...repoFields })
export const repoValue = z.object(repoFields)

/** Keys are the user's, so that a fault is reported at the key and not as one of the record. */
const shownFiles = z.record(z.string(), z.string()).superRefine((files, context) => {
  for (const path of Object.keys(files)) {
    const message = mountPathFault(path)
    if (message !== undefined) context.addIssue({ code: 'custom', message, path: [path] })
  }
})

const image = z.object({
  dockerfile: z.string().optional(),
  env: textMap.optional(),
  working_dir: z.string().optional(),
  files: shownFiles.optional().meta({
    description: 'Absolute path inside the image: the local file or folder that stands for it.',
  }),
  cmd: z.array(z.string()).optional(),
})

export const pipelineReference = z.object({ file: z.string() })

export const projectSchema = z.object({
  name: z.string().optional(),
  description: z.string().optional(),
  repos: z
    .union([
      z.array(z.union([z.string(), namedRepo])),
      z.record(z.string(), z.union([repoValue, z.null()])),
    ])
    .optional(),
  pipelines: z.array(z.union([pipelineReference, pipelineSchema])).optional(),
  parameters: z.record(z.string(), z.json()).optional(),
  settings: z
    .object({
      workers: count(1).optional().meta({ description: 'Tasks run at once; one for each core.' }),
    })
    .optional(),
  images: z.record(z.string(), image).optional(),
})

/** `pipelines` and `repos` are read entry by entry, so that faults name the very field. */
export const projectOutline = projectSchema.extend({
  pipelines: z.array(z.unknown()).optional(),
  repos: z.unknown().optional(),
})
