/** What an error of SQLite means to those who have to act on it. */
export type SqliteFault = 'damaged' | 'full' | 'refused'

/** Result codes, sqlite.org/rescode.html. */
const damagedCodes: ReadonlySet<number> = new Set([11, 26])
const full = 13
/** An extended code: there was no room for the file that processes share memory through. */
const noRoomToShare = 4874

/** Tells SQLite's errors apart by their result code; undefined for errors of anybody else. */
export function sqliteFault(error: unknown): SqliteFault | undefined {
  if (!(error instanceof Error) || !('errcode' in error)) return undefined
  if (typeof error.errcode !== 'number') return undefined
  const code = error.errcode & 0xff
  if (damagedCodes.has(code)) return 'damaged'
  return code === full || error.errcode === noRoomToShare ? 'full' : 'refused'
}
