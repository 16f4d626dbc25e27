import { readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { digestOf, type Digest } from '../model/index.ts'
import { packageFile } from '../util/index.ts'
import type { FolderTarget } from './folder-sync.ts'
import type { Machinery } from './machinery.ts'
import { writeWhole } from './write-whole.ts'

/** Raised with every change of the mark's fields: one of another Varve counts as none. */
const markVersion = 2

/**
 * What was applied last: the project file and the spec files it names, byte for byte, and what the
 * project was like afterwards. While both are as they were, applying again can change nothing but
 * what its folders hold, and the spec reader need not even be loaded.
 */
interface AppliedMark {
  readonly version: typeof markVersion
  readonly files: Readonly<Record<string, Digest>>
  readonly state: Digest
  readonly targets: readonly FolderTarget[]
  readonly warnings: readonly string[]
  /** Each thing the file declared, by its kind and name. */
  readonly declared: Readonly<Record<string, Digest>>
  /** What differed from the file and was left as it was, in words. */
  readonly left: readonly string[]
}

const markFile = ({ folder }: Machinery): string => join(folder.store, 'applied.json')

/** The mark, when nothing else than its folders can have changed; undefined when anything may have. */
export function asApplied(
  machinery: Machinery,
): Pick<AppliedMark, 'targets' | 'warnings' | 'left'> | undefined {
  try {
    const mark = readMark(machinery)
    const isSame =
      Object.entries(mark.files).every(
        ([file, digest]) => digestOf(readFileSync(file)) === digest,
      ) &&
      mark.targets.every(({ folder }) => statSync(folder).isDirectory()) &&
      machinery.folder.projectFile in mark.files &&
      mark.state === stateOf(machinery)
    return isSame ? mark : undefined
  } catch {
    // Any doubt, be it a file that is gone: then all of it is read, and says what is wrong.
    return undefined
  }
}

/** What the file declared when it was applied last; of a file that never was, nothing. */
export function lastDeclared(machinery: Machinery): AppliedMark['declared'] {
  try {
    return readMark(machinery).declared
  } catch {
    return {}
  }
}

function readMark(machinery: Machinery): AppliedMark {
  const mark = JSON.parse(readFileSync(markFile(machinery), 'utf8')) as AppliedMark
  if (mark.version !== markVersion) throw new Error('the mark of another Varve')
  return mark
}

export async function markApplied(
  machinery: Machinery,
  applied: Omit<AppliedMark, 'state' | 'version'>,
): Promise<void> {
  const mark: AppliedMark = { version: markVersion, ...applied, state: stateOf(machinery) }
  await writeWhole(markFile(machinery), JSON.stringify(mark))
}

/** Of everything `apply` declares, as it is now, and of the program that read it. */
function stateOf({ pipelines, store }: Machinery): Digest {
  const program = digestOf(readFileSync(packageFile('package.json')))
  const specs = pipelines.list().map(({ key, version, updatedAt }) => [key, version, updatedAt])
  const repos = store.repos.list().map(({ repo, description }) => [repo, description])
  return digestOf(JSON.stringify([program, specs, repos]))
}
