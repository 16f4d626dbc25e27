import type { OutputFile } from './output-file.ts'

/** Writes pieces as they come; what comes next is read while the last is being written. */
export async function writeInTurn(
  file: OutputFile,
  pieces: AsyncIterable<readonly Uint8Array[]>,
): Promise<void> {
  let writing: Promise<void> = Promise.resolve()
  try {
    for await (const next of pieces) {
      await writing
      writing = file.write(next)
      // A failure is met at the next await; until then it is nobody's unhandled rejection.
      writing.catch(() => undefined)
    }
  } finally {
    await writing
  }
}
