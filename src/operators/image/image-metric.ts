import { z } from 'zod'
import { defineOperator, type Operator } from '../operator.ts'
import { withExtension } from '../output-path.ts'
import { decodeFile, pixelLimit } from './decode.ts'
import { toGrey, type GreyImage } from './luma.ts'

interface ImageMetric {
  readonly name: string
  readonly version: number
  readonly summary: string
  /** Name of the figure in the output. */
  readonly field: string
  readonly measure: (image: GreyImage) => number
}

const params = z.strictObject({
  max_pixels: z
    .int()
    .positive()
    .max(pixelLimit)
    .default(pixelLimit)
    .describe('Images with more pixels are refused, and their datum fails.'),
})

/**
 * An operator that writes one figure per image: `a/x.jpg` gives `a/x.json` with
 * `{"<field>":<figure>}`. Figures are printed with the fewest digits that read back as the same
 * double, so equal figures give equal bytes.
 */
export function imageMetric({ field, measure, ...identity }: ImageMetric): Operator {
  return defineOperator({
    ...identity,
    params,
    async run(files, { max_pixels: limit }) {
      const outputs = []
      for (const file of files) {
        const figure = measure(toGrey(await decodeFile(file, limit)))
        const line = `${JSON.stringify({ [field]: figure })}\n`
        outputs.push({ path: withExtension(file.path, 'json'), bytes: Buffer.from(line) })
      }
      return outputs
    },
  })
}
