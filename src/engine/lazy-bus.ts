import type { EventBus } from '../events/index.ts'

/** A bus that is opened by its first use: most commands neither publish nor read. */
export function lazyBus(open: () => Promise<EventBus>): EventBus {
  let opening: Promise<EventBus> | undefined
  const bus = (): Promise<EventBus> => (opening ??= open())
  return {
    publish: async (topic, messages) => (await bus()).publish(topic, messages),
    join: async (options) => (await bus()).join(options),
    follow: async (topic) => (await bus()).follow(topic),
    lag: async (at) => (await bus()).lag(at),
    topics: async () => (await bus()).topics(),
    deadLetters: async (at, max) => (await bus()).deadLetters(at, max),
    requeue: async (at, letters) => (await bus()).requeue(at, letters),
    trim: async (topic, rule) => (await bus()).trim(topic, rule),
    forget: async (at) => (await bus()).forget(at),
    close: async () => (await opening)?.close(),
  }
}
