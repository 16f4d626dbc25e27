import { accessSync, constants, existsSync, mkdirSync, statSync, symlinkSync } from 'node:fs'
import { delimiter, isAbsolute, join } from 'node:path'

const STANDARD_PATH = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin'

/** The absolute folders of this machine's PATH: commands find the programs their user finds. */
export function machinePath(): string {
  const entries = (process.env['PATH'] ?? '').split(delimiter).filter((entry) => isAbsolute(entry))
  return entries.length === 0 ? STANDARD_PATH : entries.join(delimiter)
}

/**
 * Makes a folder for the end of PATH with what specs expect and machines lack: `python` where only
 * `python3` exists.
 */
export function makeBinDir(binDir: string, path: string): void {
  mkdirSync(binDir, { recursive: true })
  const python3 = findProgram('python3', path)
  const alias = join(binDir, 'python')
  if (python3 === undefined || findProgram('python', path) !== undefined || existsSync(alias))
    return
  symlinkSync(python3, alias)
}

/** What launchers have in their environment, so that commands inherit it. */
export const language = 'C.UTF-8'

/** The environment every command starts from; `own` wins. */
export function baseEnvironment(
  path: string,
  own: Readonly<Record<string, string>>,
): Record<string, string> {
  return { PATH: path, HOME: '/tmp', TMPDIR: '/tmp', LANG: language, ...own }
}

/** Absolute path of an executable found along `path`, or nothing. */
export function findProgram(name: string, path: string): string | undefined {
  return path
    .split(delimiter)
    .filter((folder) => folder !== '')
    .map((folder) => join(folder, name))
    .find(isExecutable)
}

export function isExecutable(file: string): boolean {
  try {
    // Most folders of a PATH lack the program, and an error costs more than the question.
    if (statSync(file, { throwIfNoEntry: false })?.isFile() !== true) return false
    accessSync(file, constants.X_OK)
    return true
  } catch {
    return false
  }
}
