import type { Digest } from '../../model/index.ts'
import type { StoredItem } from '../../segments/index.ts'
import type { Tools } from '../scope.ts'
import type { FileEdit } from '../types/files.ts'
import { extensionOf, fileOf } from './file-value.ts'
import { wholeFileBytes } from './local-file.ts'

type Piece = StoredItem

/** Joins what is put behind what the paths hold, in the order of the edits. */
export async function appended(
  tools: Tools,
  lane: string,
  { root, edits }: { readonly root: Digest; readonly edits: readonly FileEdit[] },
): Promise<readonly FileEdit[]> {
  const pieces = new Map<string, Piece[]>()
  const executable = new Map<string, boolean>()
  for (const { path, file } of edits) {
    if (file === undefined) continue
    pieces.set(path, [...(pieces.get(path) ?? []), file])
    executable.set(path, file.executable === true)
  }
  const paths = [...pieces.keys()]
  const present = await tools.content.entries(root, paths)
  const joined: FileEdit[] = []
  for (const [i, path] of paths.entries()) {
    const entry = present[i]
    const old = entry === undefined ? undefined : fileOf(entry)
    const all = [...(old === undefined ? [] : [old]), ...(pieces.get(path) ?? [])]
    const stored = await join(tools, lane, { path, pieces: all })
    const flag = old?.executable ?? executable.get(path) === true
    joined.push({ path, file: { ...stored, executable: flag } })
  }
  return joined
}

async function join(
  tools: Tools,
  lane: string,
  { path, pieces }: { readonly path: string; readonly pieces: readonly Piece[] },
): Promise<StoredItem> {
  const [only] = pieces
  if (only !== undefined && pieces.length === 1) return { digest: only.digest, size: only.size }
  const extension = extensionOf(path)
  const named = extension === undefined ? {} : { extension }
  const size = pieces.reduce((sum, piece) => sum + piece.size, 0)
  const { segments } = tools
  if (size > wholeFileBytes) {
    const open = async function* () {
      for (const piece of pieces) yield* segments.stream(piece.digest)
    }
    return segments.addStream(lane, { open, ...named })
  }
  const bytes = Buffer.concat(await segments.read(pieces.map(({ digest }) => digest)))
  const [stored] = await segments.addItems(lane, [{ bytes, ...named }])
  return stored ?? { digest: pieces[0]?.digest as Digest, size }
}
