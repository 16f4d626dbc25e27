import {
  keyIndexKey,
  keyIndexPath,
  keyIndexPrefix,
  type KeyIndex,
  type KeyIndexEdit,
  type KeyIndexQuery,
} from '../pipelines/index.ts'
import type { Content } from '../repos/index.ts'
import type { Digest } from '../model/index.ts'
import { inBatches } from '../util/index.ts'

/** Lookups that wait for the disk together. */
const lookupsAtOnce = 64

const present = new Uint8Array([1])

export function keyIndexEdit(edit: KeyIndexEdit): { key: string; bytes: Uint8Array | undefined } {
  return { key: keyIndexKey(edit), bytes: edit.op === 'put' ? present : undefined }
}

/** The keys of joins and groups as of the base. */
export function treeKeyIndex(content: Content, datums: Digest | undefined): KeyIndex {
  const lookup = async (query: KeyIndexQuery): Promise<string[]> => {
    const paths: string[] = []
    if (datums === undefined || query.limit <= 0) return paths
    const prefix = keyIndexPrefix(query)
    for await (const entry of content.scan(datums, prefix)) {
      paths.push(keyIndexPath(entry.key, query))
      if (paths.length >= query.limit) break
    }
    return paths
  }
  return {
    lookup: async (queries) => {
      const answers: string[][] = []
      for (const some of inBatches(queries, lookupsAtOnce)) {
        answers.push(...(await Promise.all(some.map(lookup))))
      }
      return answers
    },
  }
}
