/** The id every commit and job of one job set shares: 32 hex digits (UUIDv4 without dashes). */
export type CommitId = string & { readonly __brand: 'CommitId' }

export function isCommitId(text: string): text is CommitId {
  return /^[0-9a-f]{12}4[0-9a-f]{3}[89ab][0-9a-f]{15}$/.test(text)
}
