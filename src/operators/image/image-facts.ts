import { hash } from 'node:crypto'
import { z } from 'zod'
import { inputRefused } from '../input-refused.ts'
import { defineOperator, type OperatorFile, type OperatorOutput } from '../operator.ts'
import { withExtension } from '../output-path.ts'
import { messageOf } from '../../util/index.ts'
import { decodeFile, loadSharp } from './decode.ts'
import { shrink } from './thumbnail.ts'

const params = z.strictObject({
  thumbnail: z
    .int()
    .min(0)
    .max(1024)
    .default(256)
    .describe('Longest side of the thumbnail `<name>.thumb.jpg`; 0 makes none.'),
})

/** Files beside an image that are none: the columns and the caption of a fetched sample. */
const besideImages = /\.(json|txt)$/

/**
 * What is known of an image without judging it: `a/x.jpg` gives `a/x.json` with format, size as
 * stored, bytes, SHA-256 and EXIF orientation (1 when there is none), and `a/x.thumb.jpg`. Made for
 * repos a download fills: it runs for new images only, while the download goes on.
 */
export const imageFacts = defineOperator({
  name: 'image-facts',
  version: 1,
  summary: 'Format, size, SHA-256 and EXIF orientation of each image, and a thumbnail.',
  params,
  async run(files, { thumbnail }) {
    const outputs: OperatorOutput[] = []
    for (const file of files) {
      if (besideImages.test(file.path)) continue
      outputs.push({ path: withExtension(file.path, 'json'), bytes: await factsOf(file) })
      if (thumbnail === 0) continue
      const bytes = await thumbnailBytes(file, thumbnail)
      outputs.push({ path: withExtension(file.path, 'thumb.jpg'), bytes })
    }
    return outputs
  },
})

async function factsOf(file: OperatorFile): Promise<Uint8Array> {
  const sharp = await loadSharp()
  try {
    const image = sharp(file.bytes, { limitInputPixels: false })
    const { format, width, height, orientation = 1 } = await image.metadata()
    const sha256 = hash('sha256', file.bytes, 'hex')
    const facts = { format, width, height, bytes: file.bytes.length, sha256, orientation }
    return Buffer.from(`${JSON.stringify(facts)}\n`)
  } catch (error) {
    const why = messageOf(error)
    throw inputRefused(file, 'damaged', `it cannot be decoded: ${why}`)
  }
}

async function thumbnailBytes(file: OperatorFile, side: number): Promise<Uint8Array> {
  const { data, ...raw } = shrink(await decodeFile(file), side)
  const sharp = await loadSharp()
  return sharp(data, { raw }).jpeg({ quality: 80 }).toBuffer()
}
