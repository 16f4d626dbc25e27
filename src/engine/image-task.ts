import {
  openImageProcessor,
  type ImageOptions,
  type ImageOutcome,
  type ImageProcessor,
  type Region,
} from '../ingest/image/index.ts'

/** One downloaded image. */
export interface ImageTask {
  readonly bytes: Uint8Array
  readonly regions?: readonly Region[]
}

/** `asItCame`: the bytes did not change, and so are not sent back. */
export type ImageAnswer =
  | Exclude<ImageOutcome, { readonly kind: 'image' }>
  | (Extract<ImageOutcome, { readonly kind: 'image' }> & { readonly asItCame: boolean })

let opening: Promise<ImageProcessor> | undefined

/** The module each thread of `image-threads.ts` loads: sizes and encodes what was downloaded. */
export async function run(
  { bytes, regions }: ImageTask,
  options: ImageOptions,
): Promise<ImageAnswer> {
  opening ??= openImageProcessor(options)
  const outcome = await (await opening).process(bytes, regions)
  if (outcome.kind !== 'image') return outcome
  const asItCame = outcome.bytes === bytes
  return { ...outcome, asItCame, bytes: asItCame ? new Uint8Array(0) : outcome.bytes }
}
