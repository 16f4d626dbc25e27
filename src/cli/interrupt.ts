/**
 * The first Ctrl-C (or SIGTERM) asks for an orderly end, which leaves everything acknowledged in the
 * store; the second quits at once, which is as safe as a crash.
 */
export function interruptible(say: (text: string) => void): {
  readonly signal: AbortSignal
  release(): void
} {
  const controller = new AbortController()
  const onSignal = (): void => {
    if (controller.signal.aborted) process.exit(130)
    say('Stopping; what is done stays done. Press Ctrl-C again to quit at once.')
    controller.abort()
  }
  process.on('SIGINT', onSignal)
  process.on('SIGTERM', onSignal)
  return {
    signal: controller.signal,
    release: () => {
      process.off('SIGINT', onSignal)
      process.off('SIGTERM', onSignal)
    },
  }
}
