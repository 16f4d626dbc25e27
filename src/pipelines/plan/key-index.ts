import type { KeyIndexEntry, KeyIndexQuery } from '../types.ts'

/**
 * The text under which an entry is kept in a tree: `k/<node>/<key>/<member>/<path>`, the key escaped
 * so that it is one part. All entries of one query share the prefix `keyIndexPrefix(query)`.
 */
export function keyIndexKey(entry: KeyIndexEntry): string {
  return keyIndexPrefix(entry) + entry.path
}

export function keyIndexPrefix({ node, key, member }: Omit<KeyIndexQuery, 'limit'>): string {
  // A leading letter keeps the parts non-empty for the top node and for the empty key.
  return `k/n${node}/k${encodeURIComponent(key)}/${member}/`
}

/** The path of an entry, given its text and the query that found it. */
export function keyIndexPath(text: string, query: Omit<KeyIndexQuery, 'limit'>): string {
  return text.slice(keyIndexPrefix(query).length)
}
