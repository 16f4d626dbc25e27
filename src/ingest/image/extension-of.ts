import { imageFormat } from './image-header.ts'

export interface ExtensionHints {
  /** The header's value, with or without parameters. */
  readonly contentType?: string
  /** An URL or a path; only what follows its last dot is looked at. */
  readonly url?: string
}

/**
 * The extension, lower case and without a dot, that says what the bytes are: their magic number
 * where they have one; markup and JSON by their beginning; then what the server and the URL say,
 * as far as text or not agrees; `txt` or `bin` in the end. A server that answers a page where a
 * picture was asked for gets `html`. Never throws.
 */
export async function extensionOf(bytes: Uint8Array, hints: ExtensionHints = {}): Promise<string> {
  const image = imageFormat(bytes)
  if (image !== undefined) return image === 'jpeg' ? 'jpg' : image === 'tiff' ? 'tif' : image
  const magic = await magicExtension(bytes)
  if (magic !== undefined && magic !== 'xml') return withArchive(magic, hints)
  const claimed = claimedExtension(hints)
  if (!looksLikeText(bytes)) return claimed.find((name) => !textExtensions.has(name)) ?? 'bin'
  const text = startOf(bytes)
  return markup(text) ?? claimed.find((name) => textExtensions.has(name)) ?? plain(text, bytes)
}

/** The only way to file-type, which knows some two hundred formats by their bytes. */
async function magicExtension(bytes: Uint8Array): Promise<string | undefined> {
  const { fileTypeFromBuffer } = await import('file-type')
  try {
    return (await fileTypeFromBuffer(bytes))?.ext
  } catch {
    // A format it began to believe in ends too early: then it is not that format.
    return undefined
  }
}

/** A compressed TAR shows only its compression. */
function withArchive(extension: string, { url = '' }: ExtensionHints): string {
  const isTar = extension === 'gz' && /\.(tar\.gz|tgz)$/i.test(pathOf(url))
  return isTar ? 'tar.gz' : extension
}

const textLength = 4096

function startOf(bytes: Uint8Array): string {
  return new TextDecoder().decode(bytes.subarray(0, textLength)).trimStart()
}

/** No control character but white space in the first 4 KiB, and some bytes at all. */
function looksLikeText(bytes: Uint8Array): boolean {
  const start = bytes.subarray(0, textLength)
  return start.every((byte) => byte >= 0x20 || (byte >= 0x09 && byte <= 0x0d) || byte === 0x1b)
}

function markup(text: string): string | undefined {
  const start = text.slice(0, 1024).toLowerCase()
  if (/^(<!--.*?-->\s*)*(<!doctype html|<html|<head|<body)/s.test(start)) return 'html'
  if (!start.startsWith('<')) return undefined
  if (/<svg[\s>]/.test(start)) return 'svg'
  if (/<html[\s>]/.test(start)) return 'html'
  return start.startsWith('<?xml') ? 'xml' : undefined
}

/** Larger texts are not parsed only to be named. */
const largestJson = 1 << 20

function plain(text: string, bytes: Uint8Array): string {
  if (!/^[[{]/.test(text) || bytes.length > largestJson) return 'txt'
  try {
    JSON.parse(new TextDecoder().decode(bytes))
    return 'json'
  } catch {
    return isJsonLine(text.slice(0, text.indexOf('\n'))) ? 'jsonl' : 'txt'
  }
}

function isJsonLine(line: string): boolean {
  try {
    JSON.parse(line)
    return true
  } catch {
    return false
  }
}

/** What the server says, then what the URL says; types that say nothing are left out. */
function claimedExtension({ contentType = '', url = '' }: ExtensionHints): string[] {
  const type = contentType.split(';', 1)[0]?.trim().toLowerCase() ?? ''
  const byType = extensionsByType.get(type)
  const byUrl = /\.([a-z0-9]{1,8})$/i.exec(pathOf(url))?.[1]?.toLowerCase()
  const spelled = byUrl === undefined ? undefined : (sameExtension.get(byUrl) ?? byUrl)
  return [byType, spelled].filter((name) => name !== undefined)
}

/** The last part of the path of an URL, without query and fragment. */
function pathOf(url: string): string {
  const path = url.replace(/[?#].*$/s, '').replace(/^[a-z][a-z0-9+.-]*:\/\/[^/]*/i, '')
  return path.slice(path.lastIndexOf('/') + 1)
}

const sameExtension = new Map([
  ['jpeg', 'jpg'],
  ['htm', 'html'],
  ['tiff', 'tif'],
  ['text', 'txt'],
  ['ndjson', 'jsonl'],
  ['yml', 'yaml'],
])

/** Texts have no magic number, so for them a claim is believed. */
const textExtensions = new Set(
  'txt html xhtml svg xml json jsonl geojson csv tsv md rst yaml toml ini log css js mjs ts py rb c h cpp rs go java sh sql srt vtt tex bib'.split(
    ' ',
  ),
)

/** `text/plain` and `application/octet-stream` are what servers say when they do not know. */
const extensionsByType = new Map([
  ['text/html', 'html'],
  ['application/xhtml+xml', 'html'],
  ['application/json', 'json'],
  ['application/ld+json', 'json'],
  ['application/geo+json', 'geojson'],
  ['application/x-ndjson', 'jsonl'],
  ['application/jsonl', 'jsonl'],
  ['text/csv', 'csv'],
  ['text/tab-separated-values', 'tsv'],
  ['text/markdown', 'md'],
  ['text/xml', 'xml'],
  ['application/xml', 'xml'],
  ['text/css', 'css'],
  ['text/javascript', 'js'],
  ['application/javascript', 'js'],
  ['application/yaml', 'yaml'],
  ['image/svg+xml', 'svg'],
  ['audio/mpeg', 'mp3'],
  ['audio/wav', 'wav'],
  ['audio/x-wav', 'wav'],
  ['audio/flac', 'flac'],
  ['audio/ogg', 'ogg'],
  ['audio/mp4', 'm4a'],
  ['video/mp4', 'mp4'],
  ['video/webm', 'webm'],
  ['application/pdf', 'pdf'],
  ['application/zip', 'zip'],
  ['application/gzip', 'gz'],
  ['application/x-tar', 'tar'],
  ['application/vnd.apache.parquet', 'parquet'],
])
