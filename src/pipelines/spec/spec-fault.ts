import { VarveError, type ErrorCode } from '../../model/index.ts'

/** A file as it was read; the room itself reads none. */
export interface SpecSource {
  /** What to call it in messages. */
  readonly file: string
  readonly text: string
}

/** Something wrong, or worth knowing, at one place of a file. Lines and columns count from 1. */
export interface SpecFault {
  readonly severity: 'error' | 'warning'
  readonly code: Extract<
    ErrorCode,
    'SPEC_INVALID' | 'NOT_SUPPORTED' | 'GLOB_INVALID' | 'NAME_INVALID'
  >
  readonly message: string
  readonly file: string
  readonly line: number
  readonly column: number
  /** As in "input.cross[0].pfs.glob", in snake_case. */
  readonly path: string
}

export function formatFault(fault: SpecFault): string {
  const where = `${fault.file}:${fault.line}:${fault.column}`
  return `${where}: ${fault.path === '' ? '' : `${fault.path}: `}${fault.message}`
}

/** Throws one error that lists every fault, unless there are only warnings. */
export function refuseFaults(faults: readonly SpecFault[]): void {
  const errors = inOrder(faults.filter(({ severity }) => severity === 'error'))
  const [first] = errors
  if (first === undefined) return
  const unsupported = errors.every(({ code }) => code === 'NOT_SUPPORTED')
  throw new VarveError(unsupported ? 'NOT_SUPPORTED' : 'SPEC_INVALID', {
    what: errors.map(formatFault).join('\n'),
    data: { faults: errors },
  })
}

/** File by file, from the top of each: the checks find them in an order of their own. */
function inOrder(faults: readonly SpecFault[]): SpecFault[] {
  const files = [...new Set(faults.map(({ file }) => file))]
  return faults.toSorted(
    (a, b) =>
      files.indexOf(a.file) - files.indexOf(b.file) || a.line - b.line || a.column - b.column,
  )
}
