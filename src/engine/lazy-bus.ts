import type { EventBus } from '../events/index.ts'

/** A bus that is opened by its first use: most commands neither publish nor read. */
export function lazyBus(open: () => Promise<EventBus>): EventBus {
  let opening: Promise<EventBus> | undefined
  const bus = (): Promise<EventBus> => (opening ??= open())
  return {
    publish: async (topic, messages) => (await bus()).publish(topic, messages),
    read: async (at, max) => (await bus()).read(at, max),
    acknowledge: async (at, offset) => (await bus()).acknowledge(at, offset),
    seekToEnd: async (at) => (await bus()).seekToEnd(at),
    bury: async (at, message, reason) => (await bus()).bury(at, message, reason),
    deadLetters: async (at) => (await bus()).deadLetters(at),
    close: async () => (await opening)?.close(),
  }
}
