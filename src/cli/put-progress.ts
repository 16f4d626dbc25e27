import type { FileSource } from '../engine/index.ts'
import type { Cli } from './cli.ts'
import { grouped, plural } from './format.ts'
import { statusLine } from './status-line.ts'

/** Counts files while they are read, in one line on stderr; quiet for what takes less than a second. */
export function putProgress(cli: Cli): {
  watch(sources: AsyncIterable<FileSource>): AsyncIterable<FileSource>
  end(): void
} {
  const line = statusLine(cli)
  const startedAt = cli.clock.now()
  let files = 0
  const draw = (): string => {
    const seconds = (cli.clock.now() - startedAt) / 1000
    return `${plural(files, 'file')}, ${grouped(Math.round(files / Math.max(seconds, 0.001)))}/s`
  }
  return {
    watch: async function* (sources) {
      for await (const source of sources) {
        cli.signal.throwIfAborted()
        yield source
        files++
        line.show(draw)
      }
    },
    end: () => line.clear(),
  }
}
