import { LineCounter, parseAllDocuments, type Document, type ParsedNode } from 'yaml'
import type { SpecFault, SpecSource } from './spec-fault.ts'

/** One top-level value of a file, with its syntax tree for positions. */
export interface SpecDocument {
  readonly document: Document.Parsed
  readonly root: ParsedNode
  place(offset: number): { readonly line: number; readonly column: number }
}

/**
 * Reads YAML or JSON: one or many documents, `---` between them or JSON values in a row, and arrays,
 * whose elements count as documents when `splitArrays` is set.
 */
export function parseDocuments(
  source: SpecSource,
  splitArrays: boolean,
): { documents: SpecDocument[]; faults: SpecFault[] } {
  const documents: SpecDocument[] = []
  const faults: SpecFault[] = []
  for (const text of jsonValues(source.text) ?? [source.text]) {
    const lines = new LineCounter()
    const place = (offset: number) => {
      const { line, col } = lines.linePos(offset)
      return { line: Math.max(1, line), column: Math.max(1, col) }
    }
    const parsed = parseAllDocuments(text, { lineCounter: lines, prettyErrors: false })
    for (const document of Array.isArray(parsed) ? parsed : []) {
      for (const error of document.errors) {
        faults.push({
          severity: 'error',
          code: 'SPEC_INVALID',
          message: error.message,
          file: source.file,
          ...place(error.pos[0]),
          path: '',
        })
      }
      if (document.errors.length > 0 || document.contents === null) continue
      for (const root of rootsOf(document.contents, splitArrays)) {
        documents.push({ document, root, place })
      }
    }
  }
  return { documents, faults }
}

function rootsOf(contents: ParsedNode, splitArrays: boolean): ParsedNode[] {
  // `kind` of a scalar without text: a document of comments only.
  if ('value' in contents && contents.value === null) return []
  if (!splitArrays || !('items' in contents) || contents.constructor.name !== 'YAMLSeq') {
    return [contents]
  }
  return contents.items.filter((item): item is ParsedNode => 'range' in item)
}

/**
 * JSON objects written one after another, each with what came before it blanked out, so that
 * positions stay true. Undefined when the text is one value or no JSON.
 */
function jsonValues(text: string): string[] | undefined {
  if (!/^\s*\{/.test(text)) return undefined
  const values: string[] = []
  let depth = 0
  let start = 0
  let inString = false
  for (let at = 0; at < text.length; at += 1) {
    const character = text[at] ?? ''
    if (inString) {
      if (character === '\\') at += 1
      else if (character === '"') inString = false
    } else if (character === '"') inString = true
    else if (character === '{' || character === '[') depth += 1
    else if (character === '}' || character === ']') {
      depth -= 1
      if (depth > 0) continue
      values.push(blank(text.slice(0, start)) + text.slice(start, at + 1))
      start = at + 1
    }
  }
  const rest = text.slice(start).trim()
  const clean = rest === '' && depth === 0 && !inString
  return clean && values.length > 1 ? values : undefined
}

function blank(text: string): string {
  return text.replace(/[^\n]/g, ' ')
}
