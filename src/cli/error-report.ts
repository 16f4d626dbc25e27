import { isVarveError, VarveError } from '../model/index.ts'
import { isDiskFull, systemCode } from '../util/index.ts'
import type { Style } from './style.ts'

/** An error as `--json` prints it, under the key `error`. */
export interface ErrorReport {
  readonly code: string
  readonly what: string
  readonly next: string
  readonly data: Readonly<Record<string, unknown>>
  readonly exit: number
}

/** Whatever was thrown, told in the catalogue's terms. A bug gets the code INTERNAL. */
export function errorReport(thrown: unknown): ErrorReport {
  if (isVarveError(thrown)) {
    const { code, message, next, data, exitCode } = thrown
    return { code, what: message, next, data, exit: exitCode }
  }
  const system = systemError(thrown)
  if (system !== undefined) return errorReport(system)
  const error = thrown instanceof Error ? thrown : new Error(String(thrown))
  return {
    code: 'INTERNAL',
    what: error.message,
    next: 'This is a bug in Varve: please report it with the command and this text.',
    data: { stack: error.stack },
    exit: 70,
  }
}

/** One block: what happened and why, details one per line, the next thing to do. */
export function errorBlock(report: ErrorReport, style: Style): string {
  const [what = '', ...more] = report.what.split('\n')
  const code = style('dim', `[${report.code}]`)
  const lines =
    more.length === 0
      ? [`${style('red', 'error:')} ${what} ${code}`]
      : [`${style('red', 'error:')} ${more.length + 1} faults ${code}`, `  ${what}`]
  lines.push(...more.map((line) => `  ${line}`))
  for (const fault of faultLines(report)) lines.push(`  ${fault}`)
  if (report.code === 'INTERNAL') lines.push(style('dim', String(report.data['stack'])))
  if (report.next !== '') lines.push(`${style('cyan', ' next:')} ${report.next}`)
  return `${lines.join('\n')}\n`
}

interface Fault {
  readonly file?: string
  readonly line?: number
  readonly column?: number
  readonly path?: string
  readonly message?: string
}

const mostFaults = 50

/** Faults listed in `data.faults`, unless the sentence names them already. */
function faultLines(report: ErrorReport): string[] {
  const faults = report.data['faults']
  if (!Array.isArray(faults)) return []
  const lines = (faults as readonly (Fault | string)[]).flatMap((each) => {
    const fault = typeof each === 'string' ? { message: each } : each
    const message = fault.message ?? JSON.stringify(fault)
    return report.what.includes(message) ? [] : [`${faultPlace(fault)}${message}`]
  })
  if (lines.length <= mostFaults) return lines
  return [...lines.slice(0, mostFaults), `… and ${lines.length - mostFaults} more`]
}

function faultPlace(fault: Fault): string {
  const file = fault.file === undefined ? '' : `${fault.file}:`
  const line = fault.line === undefined ? '' : `${fault.line}:${fault.column ?? 1}: `
  return line === '' && file === '' ? '' : line === '' ? `${file} ` : file + line
}

const refusals: Readonly<Record<string, string>> = {
  EACCES: 'permission denied',
  EPERM: 'operation not permitted',
  ENOENT: 'no such file or folder',
  EISDIR: 'it is a folder',
  ENOTDIR: 'it is not a folder',
  EMFILE: 'too many open files',
  EROFS: 'the file system is read-only',
  EIO: 'input/output error',
}

/** Errors of the operating system that no room below translated. */
function systemError(thrown: unknown): VarveError | undefined {
  if (isDiskFull(thrown)) {
    return new VarveError('DISK_FULL', { what: 'The disk is full.', cause: thrown })
  }
  const code = systemCode(thrown)
  const why = code === undefined ? undefined : refusals[code]
  if (why === undefined) return undefined
  const path =
    thrown instanceof Error && 'path' in thrown && typeof thrown.path === 'string'
      ? thrown.path
      : undefined
  return new VarveError('IO_FAILED', {
    what: path === undefined ? `The system refused: ${why}.` : `Cannot use ${path}: ${why}.`,
    data: { systemCode: code, ...(path === undefined ? {} : { path }) },
    cause: thrown,
  })
}
