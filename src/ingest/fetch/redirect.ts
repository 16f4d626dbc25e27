import { quoted } from './request-url.ts'

export type NextHop =
  | { readonly kind: 'hop'; readonly url: URL }
  | { readonly kind: 'refused'; readonly error: string }

interface Redirect {
  readonly from: URL
  readonly status: number
  readonly reason: string
  readonly location: string
}

const followed: ReadonlySet<number> = new Set([301, 302, 303, 307, 308])

/** Whether a response sends us elsewhere; without a Location it is an error like any other status. */
export function isRedirect(status: number, location: string | undefined): location is string {
  return location !== undefined && location !== '' && followed.has(status)
}

/**
 * Where a redirect leads. Without cookies a URL seen before answers the same again, so the first
 * repetition is a loop. Texts are those of Python's urllib, which img2dataset reports.
 */
export function nextHop(redirect: Redirect, visited: ReadonlySet<string>, limit: number): NextHop {
  const { status, reason, from } = redirect
  const location = escaped(redirect.location)
  const url = URL.parse(location, from.href)
  if (url === null) return refused(`HTTP Error ${status}: ${reason} - invalid redirect`)
  if (url.protocol !== 'http:' && url.protocol !== 'https:') {
    const to = quoted(location)
    return refused(`HTTP Error ${status}: ${reason} - Redirection to url ${to} is not allowed`)
  }
  // A fragment stays with the browser and is no other resource.
  url.hash = ''
  if (visited.has(url.href) || visited.size > limit) {
    return refused(
      `HTTP Error ${status}: The HTTP server returned a redirect error that would lead to an ` +
        `infinite loop.\nThe last 30x error message was:\n${reason}`,
    )
  }
  return { kind: 'hop', url }
}

/** Headers come one byte a character: what is not ASCII goes back byte for byte, as urllib sends it. */
function escaped(location: string): string {
  return location.replaceAll(
    /[\u0080-\u00ff]/g,
    (byte) => `%${byte.charCodeAt(0).toString(16).toUpperCase()}`,
  )
}

function refused(error: string): NextHop {
  return { kind: 'refused', error }
}
