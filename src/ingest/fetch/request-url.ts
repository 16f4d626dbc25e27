export type RequestUrl =
  | { readonly kind: 'url'; readonly url: URL }
  | { readonly kind: 'refused'; readonly error: string }

/** A `data:` URL may hold a whole picture; an error text should not. */
const longestQuote = 200

/**
 * Reads a URL the way browsers do, so that spaces and letters of any language are escaped rather than
 * refused. Only http and https come through: `file:` in a list must not read the local disk.
 */
export function requestUrl(text: string): RequestUrl {
  const trimmed = text.trim()
  const control = controlCharacter.exec(trimmed)
  if (control !== null) {
    const found = JSON.stringify(control[0]).slice(1, -1)
    const error = `URL can't contain control characters. ${quoted(trimmed)} (found at least '${found}')`
    return { kind: 'refused', error }
  }
  if (!webScheme.test(trimmed)) return { kind: 'refused', error: unknownType(trimmed) }
  const url = URL.parse(trimmed)
  if (url === null) return { kind: 'refused', error: `invalid URL: ${quoted(trimmed)}` }
  return { kind: 'url', url }
}

// oxlint-disable-next-line no-control-regex -- control characters are what it looks for
const controlCharacter = /[\u0000-\u001f\u007f]/
const webScheme = /^https?:\/\//i

function unknownType(text: string): string {
  return `unknown url type: ${quoted(text)}`
}

export function quoted(text: string): string {
  const short = text.length > longestQuote ? `${text.slice(0, longestQuote)}...` : text
  return `'${JSON.stringify(short).slice(1, -1).replaceAll('\\"', '"')}'`
}
