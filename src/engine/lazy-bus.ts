import type { EventBus } from '../events/index.ts'

/** A bus that is opened by its first use: most commands neither publish nor read. */
export function lazyBus(open: () => EventBus): EventBus {
  let opened: EventBus | undefined
  const bus = (): EventBus => (opened ??= open())
  return {
    publish: async (topic, messages) => bus().publish(topic, messages),
    read: async (at, max) => bus().read(at, max),
    acknowledge: async (at, offset) => bus().acknowledge(at, offset),
    seekToEnd: async (at) => bus().seekToEnd(at),
    bury: async (at, message, reason) => bus().bury(at, message, reason),
    deadLetters: async (at) => bus().deadLetters(at),
    close: async () => opened?.close(),
  }
}
