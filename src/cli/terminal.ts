import { once } from 'node:events'
import { resolve } from 'node:path'
import type { OpenMode, Varve } from '../engine/index.ts'
import type { VarveError } from '../model/index.ts'
import { systemClock } from '../util/index.ts'
import type { Cli } from './cli.ts'
import type { GlobalOptions } from './global-options.ts'
import { styleFor } from './style.ts'

/** The command line of this process, and what must be done when its command has ended. */
export interface Terminal extends Cli {
  /** The project the command opened, if it got so far. */
  opened(): Varve | undefined
  close(): Promise<void>
}

export function terminal(options: GlobalOptions, signal: AbortSignal): Terminal {
  const { stdout, stderr } = process
  const opened: Varve[] = []
  const workingDirectory = process.cwd()
  const directory = resolve(workingDirectory, options.directory ?? '.')
  const write = async (chunk: string | Uint8Array): Promise<void> => {
    if (!stdout.write(chunk)) await once(stdout, 'drain')
  }
  const sayWaiting = ({ data }: VarveError): void => {
    const { owner } = data as { owner?: { readonly pid: number } }
    stderr.write(`Waiting for \`run --watch\` (process ${owner?.pid ?? '?'}) to end its jobs …\n`)
  }
  const noteStyle = styleFor(stderr, options.color, process.env)
  const notice = (what: string): void => {
    stderr.write(`${noteStyle('yellow', 'note:')} ${what}\n`)
  }
  return {
    json: options.json,
    style: styleFor(stdout, options.color, process.env),
    noteStyle,
    clock: systemClock,
    environment: process.env,
    workingDirectory,
    directory,
    live: stderr.isTTY && process.env['TERM'] !== 'dumb',
    columns: stderr.columns ?? 80,
    signal,
    open: async (mode: OpenMode, { wait = true } = {}) => {
      const usable = opened.find((varve) => mode === 'read' || varve.mode === 'write')
      if (usable !== undefined) return usable
      const { openInTurn, openVarve } = await import('../engine/index.ts')
      const varve =
        mode === 'write' && wait
          ? await openInTurn({ dir: directory, signal, notice, waiting: sayWaiting })
          : await openVarve({ dir: directory, mode, notice })
      opened.push(varve)
      return varve
    },
    print: async (value, text) => {
      await write(options.json ? `${JSON.stringify(value, undefined, 2)}\n` : text())
    },
    printLine: async (value, text) => {
      await write(options.json ? `${JSON.stringify(value)}\n` : text())
    },
    write,
    note: (text) => {
      stderr.write(text.endsWith('\n') ? text : `${text}\n`)
    },
    input: () => process.stdin,
    exitWith: (code) => {
      process.exitCode = code
    },
    opened: () => opened[0],
    close: async () => {
      for (const varve of opened.splice(0)) await varve.close()
    },
  }
}
