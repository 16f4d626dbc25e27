import type { ImageOptions } from './image/index.ts'
import type { MediaProcessor } from './row-work.ts'

/** `image`: decoded, sized and encoded as the options say; `any`: bytes as they came. */
export type MediaKind = 'image' | 'any'

export async function openMedia(
  kind: MediaKind,
  options: Partial<ImageOptions>,
): Promise<MediaProcessor> {
  const { checkImageOptions, extensionOf, openImageProcessor, undecoded } =
    await import('./image/index.ts')
  if (kind === 'image') {
    const images = await openImageProcessor(checkImageOptions(options))
    return {
      process: async (bytes, { regions }) => images.process(bytes, regions),
      close: async () => undefined,
    }
  }
  return {
    process: async (bytes, hints) => ({
      kind: 'image',
      bytes,
      facts: undecoded(await extensionOf(bytes, hints)),
    }),
    close: async () => undefined,
  }
}
