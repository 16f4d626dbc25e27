import { botName } from './user-agent.ts'

/** What the outcome says when a header forbids the use; img2dataset's text. */
export const optedOutByHeader = 'Use of image disallowed by X-Robots-Tag directive'

/**
 * Whether `X-Robots-Tag` forbids the use, read as img2dataset reads it: each header is split once at
 * its first colon; what stands before is the name of the bot it is meant for, the rest are
 * directives separated by commas. Directives not on the list never forbid. One addition: a header
 * meant for `varve` counts as meant for us, whatever token is set.
 */
export function forbidsUse(
  header: string | readonly string[] | undefined,
  token: string | undefined,
  directives: readonly string[],
): boolean {
  if (header === undefined || directives.length === 0) return false
  const values = typeof header === 'string' ? [header] : header
  return values.some((value) => {
    const colon = value.indexOf(':')
    const bot = colon < 0 ? undefined : value.slice(0, colon).toLowerCase()
    if (bot !== undefined && bot !== token && bot !== botName) return false
    const given = value.slice(colon + 1).split(',')
    return given.some((directive) => directives.includes(directive.trim().toLowerCase()))
  })
}
