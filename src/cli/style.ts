import { styleText } from 'node:util'

export type Colour =
  | 'red'
  | 'green'
  | 'yellow'
  | 'blue'
  | 'cyan'
  | 'magenta'
  | 'gray'
  | 'bold'
  | 'dim'

/** Colours text, or leaves it alone: one value decides for a whole stream. */
export type Style = (colour: Colour, text: string) => string

export const plainStyle: Style = (_colour, text) => text
export const colourStyle: Style = (colour, text) =>
  styleText(colour, text, { validateStream: false })

/**
 * Colour only where a person looks: on a terminal, unless NO_COLOR (https://no-color.org) or
 * TERM=dumb says otherwise. FORCE_COLOR and --color ask for it anywhere.
 */
export function styleFor(
  stream: { readonly isTTY?: boolean },
  wanted: boolean | undefined,
  environment: NodeJS.ProcessEnv,
): Style {
  if (wanted !== undefined) return wanted ? colourStyle : plainStyle
  if ((environment['NO_COLOR'] ?? '') !== '') return plainStyle
  if ((environment['FORCE_COLOR'] ?? '') !== '') return colourStyle
  return stream.isTTY === true && environment['TERM'] !== 'dumb' ? colourStyle : plainStyle
}

const escapeSequence = new RegExp(`${String.fromCharCode(27)}\\[[0-9;]*m`, 'g')

/** Most cells of most tables: each character takes one column. */
const plainAscii = /^[ -~]*$/

/** Columns the text takes on a terminal: colours count for nothing, wide characters for two. */
export function displayWidth(text: string): number {
  if (plainAscii.test(text)) return text.length
  let width = 0
  for (const character of text.replace(escapeSequence, '')) {
    const code = character.codePointAt(0) ?? 0
    if (/\p{M}/u.test(character)) continue
    width += isWide(code) ? 2 : 1
  }
  return width
}

/** East Asian wide ranges and emoji, coarsely: enough to keep columns straight. */
function isWide(code: number): boolean {
  if (code < 0x1100) return false
  return (
    code <= 0x115f ||
    (code >= 0x2e80 && code <= 0xa4cf) ||
    (code >= 0xac00 && code <= 0xd7a3) ||
    (code >= 0xf900 && code <= 0xfaff) ||
    (code >= 0xfe30 && code <= 0xfe6f) ||
    (code >= 0xff00 && code <= 0xff60) ||
    (code >= 0x1f300 && code <= 0x1faff) ||
    (code >= 0x20000 && code <= 0x3fffd)
  )
}
