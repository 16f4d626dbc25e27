import type { Digest } from '../../model/index.ts'
import type { DatumInput } from '../../pipelines/index.ts'
import type { Content } from '../../repos/index.ts'

/** One file a datum sees under `/pfs/<input>`. */
export interface DatumFile {
  readonly input: string
  readonly path: string
  readonly digest: Digest
  readonly size: number
  readonly executable: boolean
  /** Shown with no content (`empty_files`). */
  readonly empty: boolean
}

/** Answers the root of the file tree an input reads in this job. */
export type RootOf = (input: Pick<DatumInput, 'project' | 'repo' | 'branch' | 'name'>) => Digest

/** The files of one input of a datum, in path order: itself, or everything below the directory. */
export async function filesOf(
  content: Content,
  rootOf: RootOf,
  input: DatumInput,
): Promise<DatumFile[]> {
  if (!input.directory) {
    const { name, path, digest, size, emptyFiles } = input
    // It matters to commands, which ask the tree: records of before the bit counted do not tell it.
    return [{ input: name, path, digest, size, executable: false, empty: emptyFiles }]
  }
  const files: DatumFile[] = []
  const prefix = input.path === '' ? '' : `${input.path}/`
  for await (const entry of content.scan(rootOf(input), prefix)) {
    const { path, digest, size, executable } = content.fileOf(entry)
    files.push({ input: input.name, path, digest, size, executable, empty: input.emptyFiles })
  }
  return files
}
