/** So long a chain of reads and writes may keep timers, signals and sockets waiting. */
const longestMs = 10

/** One event loop a thread, so one clock a thread. */
let lastTurn = performance.now()

/**
 * What to wait for so that the event loop turns now and then; undefined when it turned a moment ago.
 * Files are read and written synchronously, because that is faster, and their promises are kept at
 * once. A caller who awaits nothing but such promises would keep a timer from ever firing, and the
 * program from hearing Ctrl-C or the end of a child.
 */
export function dueTurn(): Promise<void> | undefined {
  const now = performance.now()
  if (now - lastTurn < longestMs) return undefined
  lastTurn = now
  return new Promise((resolve) => {
    setImmediate(() => {
      lastTurn = performance.now()
      resolve()
    })
  })
}
