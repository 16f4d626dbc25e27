import { isVarveError, parseFilePath } from '../../model/index.ts'
import type { Datum } from '../../pipelines/index.ts'
import type { Content, NewOutput, RepoKey } from '../../repos/index.ts'
import type { OutputFile } from '../../sandbox/index.ts'
import type { DatumOutput } from '../types.ts'
import { inputItem } from './command-inputs.ts'
import { readScratchSync } from './scratch-files.ts'
import type { RootOf } from './datum-files.ts'

/** Larger files go to the store in chunks. */
const wholeBytes = 1 << 20
/** Small files in memory at a time. */
const mostBytes = 16 << 20

interface OutputsOf {
  readonly content: Content
  readonly repo: RepoKey
  readonly rootOf: RootOf
  readonly datum: Datum
}

export type StoredOutputs =
  | { readonly kind: 'stored'; readonly outputs: readonly DatumOutput[] }
  | { readonly kind: 'refused'; readonly message: string }

/** Takes what a command wrote into the store: small files together, links without their bytes. */
export async function storeOutputs(
  of: OutputsOf,
  files: readonly OutputFile[],
): Promise<StoredOutputs> {
  const { content, repo } = of
  const outputs: DatumOutput[] = []
  let small: NewOutput[] = []
  let smallBytes = 0
  const storeSmall = async (): Promise<void> => {
    for (const { path, file } of await content.addOutputs(repo, small)) {
      if (file !== undefined) outputs.push({ path, ...file })
    }
    small = []
    smallBytes = 0
  }
  for (const file of files) {
    const fault = pathFault(file.path)
    if (fault !== undefined) return { kind: 'refused', message: fault }
    if (file.kind === 'input') {
      const item = await inputItem(content, of.rootOf, {
        datum: of.datum,
        input: file.input,
        path: file.inputPath,
      })
      if (item === undefined) {
        const message = `"${file.path}" links to /pfs/${file.input}/${file.inputPath}, which is not there`
        return { kind: 'refused', message }
      }
      outputs.push({ path: file.path, ...item })
    } else if (file.size <= wholeBytes) {
      small.push({ path: file.path, ...readScratchSync(file.hostFile) })
      smallBytes += file.size
      if (smallBytes >= mostBytes) await storeSmall()
    } else {
      const edit = await content.addLocalFile(repo, file.path, file.hostFile)
      if (edit.file !== undefined) outputs.push({ path: file.path, ...edit.file })
    }
  }
  if (small.length > 0) await storeSmall()
  return { kind: 'stored', outputs }
}

function pathFault(path: string): string | undefined {
  try {
    parseFilePath(path)
    return undefined
  } catch (error) {
    if (isVarveError(error)) return error.message
    throw error
  }
}
