import type { Cli } from './cli.ts'

const quietMs = 800
const redrawMs = 100
const plainMs = 5000

export interface StatusLine {
  /** Draws when it is time to: often on a terminal, every few seconds elsewhere. */
  show(draw: () => string): void
  /** Takes the line away again. */
  clear(): void
}

/** One line on stderr that tells how far something is. Nothing is shown of what ends soon. */
export function statusLine(cli: Cli): StatusLine {
  let last = cli.clock.now() + quietMs - (cli.live ? redrawMs : plainMs)
  let shown = false
  return {
    show: (draw) => {
      const now = cli.clock.now()
      if (now - last < (cli.live ? redrawMs : plainMs)) return
      last = now
      shown = true
      if (cli.live) process.stderr.write(`\r\u001B[K${draw().slice(0, cli.columns - 1)}`)
      else cli.note(draw())
    },
    clear: () => {
      if (shown && cli.live) process.stderr.write('\r\u001B[K')
      shown = false
    },
  }
}
