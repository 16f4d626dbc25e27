import type { Digest } from '../../model/index.ts'

export interface SampleFile {
  /** All after the first dot of the file name: `seg.jpg` of `a.seg.jpg`. */
  readonly extension: string
  readonly digest: Digest
  readonly size: number
}

/** The files of one key, sorted by extension. */
export interface Sample {
  readonly key: string
  readonly files: readonly SampleFile[]
}

export interface SampleName {
  readonly key: string
  readonly extension: string
}

const metaFolder = /^__[^/]*__(?:\/|$)/

/**
 * Splits a path as WebDataset readers do (webdataset/tariterators.py): the key ends at the first dot
 * of the file name. Undefined for files they pass over: no dot, nothing before or after it, or below
 * a folder called `__like this__`.
 */
export function sampleName(path: string): SampleName | undefined {
  const name = path.lastIndexOf('/') + 1
  const dot = path.indexOf('.', name)
  if (dot <= name || dot === path.length - 1 || metaFolder.test(path)) return undefined
  return { key: path.slice(0, dot), extension: path.slice(dot + 1) }
}

export function fileName({ key }: Sample, { extension }: SampleFile): string {
  return `${key}.${extension}`
}
