import {
  isNode,
  isScalar,
  isSeq,
  LineCounter,
  parseAllDocuments,
  visit,
  type Document,
  type ParsedNode,
} from 'yaml'
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
      const before = faults.length
      for (const { message, offset } of problemsOf(document)) {
        const base = {
          severity: 'error',
          code: 'SPEC_INVALID',
          file: source.file,
          path: '',
        } as const
        faults.push({ ...base, message, ...place(offset) })
      }
      if (faults.length > before || document.contents === null) continue
      for (const root of rootsOf(document.contents, splitArrays)) {
        documents.push({ document, root, place })
      }
    }
  }
  return { documents, faults }
}

/** Aliases are refused as upstream does: a few lines of them can stand for gigabytes, or for themselves. */
function problemsOf(document: Document.Parsed): { message: string; offset: number }[] {
  const problems = document.errors.map(({ message, pos }) => ({ message, offset: pos[0] }))
  visit(document, {
    Alias: (_, { source, range }) => {
      const message = `YAML aliases are not supported: write out what "*${source}" stands for`
      problems.push({ message, offset: range?.[0] ?? 0 })
    },
  })
  return problems
}

function rootsOf(contents: ParsedNode, splitArrays: boolean): ParsedNode[] {
  // A document of comments only.
  if (isScalar(contents) && contents.value === null) return []
  if (!splitArrays || !isSeq(contents)) return [contents]
  return contents.items.filter(isNode)
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
