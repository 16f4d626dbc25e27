import { isDigest, type Digest } from '../model/index.ts'

export const metaLane = 'meta'

/** What a member's name says it is. */
export type MemberKind =
  | { readonly kind: 'item'; readonly digest: Digest }
  | { readonly kind: 'record'; readonly sequence: number }
  | { readonly kind: 'claim'; readonly sequence: number }

const extensionRule = /^[a-z0-9][a-z0-9.]{0,15}$/

/** `<sha256>.<ext>`: ASCII and below 100 bytes, whatever the file was called. */
export function itemName(digest: Digest, extension?: string): string {
  const lower = extension?.toLowerCase() ?? ''
  return `${digest}.${extensionRule.test(lower) ? lower : 'bin'}`
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
const nodePrefix = '__varve__/node/'

/** Undefined for names no Varve of this format writes. */
export function parseMemberName(name: string): MemberKind | undefined {
  const digest = name.startsWith(nodePrefix) ? name.slice(nodePrefix.length) : name.slice(0, 64)
  if (isDigest(digest)) return { kind: 'item', digest }
  const match = numbered.exec(name)
  if (match === null) return undefined
  return { kind: match[1] === 'record' ? 'record' : 'claim', sequence: Number(match[2]) }
}
