/** Folder `image`: what becomes of the bytes of an image. */
export { extensionOf, type ExtensionHints } from './extension-of.ts'
export { checkImageOptions, defaultImageOptions, type ImageOptions } from './image-options.ts'
export { openImageProcessor, type ImageOutcome, type ImageProcessor } from './image-processor.ts'
