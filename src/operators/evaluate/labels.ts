import { inputRefused } from '../input-refused.ts'
import type { OperatorFile } from '../operator.ts'
import { stem } from '../output-path.ts'
import { parseCsv } from '../table/csv.ts'
import { messageOf } from '../../util/index.ts'

export type Split = 'train' | 'held-out'

/** What a person said of an image, and whether the classifier may learn from it. */
export interface Annotation {
  readonly label: string
  readonly split: Split
}

/**
 * Reads label files: CSV with the columns `image`, `label` and `split` (`train` or `held-out`;
 * train when the column is missing). Keys of the result are image paths without extension, so that
 * `x.jpg` names the row of `x.json`.
 */
export function readLabels(files: readonly OperatorFile[]): Map<string, Annotation> {
  const annotations = new Map<string, Annotation>()
  for (const file of files) {
    const [header = [], ...records] = parseFile(file)
    const column = columnFinder(file, header)
    const image = column('image')
    const label = column('label')
    const split = header.includes('split') ? column('split') : -1
    for (const record of records) {
      const key = stem(record[image] ?? '')
      if (annotations.has(key)) throw inputRefused(file, 'duplicate', `"${key}" has two labels.`)
      annotations.set(key, { label: record[label] ?? '', split: splitOf(file, record[split]) })
    }
  }
  return annotations
}

function parseFile(file: OperatorFile): string[][] {
  try {
    return parseCsv(new TextDecoder('utf-8', { fatal: true }).decode(file.bytes))
  } catch (error) {
    throw inputRefused(file, 'not-csv', messageOf(error))
  }
}

function columnFinder(file: OperatorFile, header: readonly string[]): (name: string) => number {
  return (name) => {
    const at = header.indexOf(name)
    if (at >= 0) return at
    throw inputRefused(file, 'missing-column', `there is no column "${name}" in its first line.`)
  }
}

function splitOf(file: OperatorFile, text: string | undefined): Split {
  if (text === undefined || text === 'train') return 'train'
  if (text === 'held-out') return 'held-out'
  throw inputRefused(file, 'unknown-split', `"${text}" is neither "train" nor "held-out".`)
}
