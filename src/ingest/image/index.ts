/** Folder `image`: what becomes of the bytes of an image. */
export type { Region } from './blur-regions.ts'
export { extensionOf, type ExtensionHints } from './extension-of.ts'
export { checkImageOptions, type ImageOptions } from './image-options.ts'
export { openImageProcessor, type ImageOutcome, type ImageProcessor } from './image-processor.ts'
export { undecoded, type MediaFacts } from './media-facts.ts'
