import { isDigest, type Digest } from '../model/index.ts'
import { invariant } from '../util/index.ts'

export const metaLane = 'meta'

/** What a member's name says it is. */
export type MemberKind =
  /** An item called `<key>.<ext>`; equal keys side by side make a sample. */
  | { readonly kind: 'item'; readonly key: string }
  /** An item in no sample: a tree node, or a part of a sample whose first member lies elsewhere. */
  | { readonly kind: 'item'; readonly key: undefined; readonly digest: Digest }
  | { readonly kind: 'record'; readonly sequence: number }
  | { readonly kind: 'claim'; readonly sequence: number }

const nodePrefix = '__varve__/node/'
const lonePrefix = '__varve__/item/'
const keyRule = /^[0-9A-Za-z_-]{1,80}$/
const extensionRule = /^[a-z0-9][a-z0-9.]{0,15}$/
const keyedRule = /^[0-9A-Za-z_-]{1,80}\.[a-z0-9][a-z0-9.]{0,15}$/

/** `<key>.<ext>`: ASCII and below 100 bytes, whatever the file was called. */
export function itemName(key: string, extension?: string): string {
  invariant(keyRule.test(key), `a member may not be called ${key}`)
  const lower = extension?.toLowerCase() ?? ''
  return `${key}.${extensionRule.test(lower) ? lower : 'bin'}`
}

/**
 * For a part of a sample that cannot lie behind its first member: readers of samples (webdataset,
 * wids, Hugging Face datasets) pass over names without a dot instead of making half a sample of it.
 */
export function loneName(digest: Digest): string {
  return `${lonePrefix}${digest}`
}

export function nodeName(digest: Digest): string {
  return `__varve__/node/${digest}`
}

export function recordName(sequence: number): string {
  return `__varve__/record/${String(sequence).padStart(12, '0')}`
}

export function claimName(sequence: number): string {
  return `__varve__/claim/${String(sequence).padStart(12, '0')}`
}

const numbered = /^__varve__\/(record|claim)\/(\d{12})$/

/** Undefined for names no Varve of this format writes. */
export function parseMemberName(name: string): MemberKind | undefined {
  if (keyedRule.test(name)) return { kind: 'item', key: name.slice(0, name.indexOf('.')) }
  if (name.startsWith(nodePrefix) || name.startsWith(lonePrefix)) {
    const digest = name.slice(nodePrefix.length)
    return isDigest(digest) ? { kind: 'item', key: undefined, digest } : undefined
  }
  const match = numbered.exec(name)
  if (match === null) return undefined
  return { kind: match[1] === 'record' ? 'record' : 'claim', sequence: Number(match[2]) }
}
