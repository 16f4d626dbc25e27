import type { Command } from 'commander'
import type { OpenMode, Varve } from '../engine/index.ts'
import type { Clock } from '../util/index.ts'
import type { Style } from './style.ts'

/**
 * What a command gets from the line it was called by: where to print, where the project is, when to
 * stop. Commands print through this and open the store through this, and through nothing else.
 */
export interface Cli {
  readonly json: boolean
  /** Colours of stdout. */
  readonly style: Style
  /** Colours of stderr. */
  readonly noteStyle: Style
  readonly clock: Clock
  readonly environment: Readonly<Record<string, string | undefined>>
  /** Where relative paths of the line start. */
  readonly workingDirectory: string
  /** Where the project is looked for: `-C`, else the working folder. */
  readonly directory: string
  /** Someone looks at stderr: progress may be redrawn in place. */
  readonly live: boolean
  readonly columns: number
  /** Aborted by the first Ctrl-C. */
  readonly signal: AbortSignal
  /**
   * Opens the project's store; whatever was opened is closed after the command. Writing waits, and
   * says so, for a process that gives way (`run --watch`), unless `wait` is false.
   */
  open(mode: OpenMode, options?: { readonly wait?: boolean }): Promise<Varve>
  /** The result: `value` as JSON with `--json`, else the text made from it. */
  print(value: unknown, text: () => string): Promise<void>
  /** One line of JSON with `--json`, else the text: for results that have no end. */
  printLine(value: unknown, text: () => string): Promise<void>
  /** Raw bytes or text to stdout, waiting for a slow reader. */
  write(chunk: string | Uint8Array): Promise<void>
  /** A remark for a person, to stderr. */
  note(text: string): void
  /** Standard input, whole or in chunks. */
  input(): AsyncIterable<Uint8Array>
  /** Ends the process with this code when nothing else went wrong. */
  exitWith(code: number): void
}

/** What the file of a verb exports. */
export type MakeCommand = (cli: Cli) => Command
