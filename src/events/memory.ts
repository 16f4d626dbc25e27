import type { DeadLetter, EventBus, GroupPosition, Message, NewMessage } from './event-bus.ts'

const nameOf = (at: GroupPosition): string => JSON.stringify([at.topic, at.group])

/** A bus that lives and dies with the process: for tests and for stores held in memory. */
export function memoryEventBus(): EventBus {
  const topics = new Map<string, Message[]>()
  const positions = new Map<string, number>()
  const dead = new Map<string, DeadLetter[]>()
  const messagesOf = (topic: string): Message[] => topics.get(topic) ?? []
  const move = (at: GroupPosition, offset: number): void => {
    positions.set(nameOf(at), Math.max(positions.get(nameOf(at)) ?? 0, offset))
  }

  return {
    publish: async (topic: string, messages: readonly NewMessage[]) => {
      const log = messagesOf(topic)
      topics.set(topic, log)
      for (const message of messages) log.push({ ...message, offset: log.length + 1 })
    },
    read: async (at, max) => {
      const position = positions.get(nameOf(at)) ?? 0
      return messagesOf(at.topic).slice(position, position + max)
    },
    acknowledge: async (at, offset) => move(at, offset),
    seekToEnd: async (at) => move(at, messagesOf(at.topic).length),
    bury: async (at, message, reason) => {
      const letters = dead.get(nameOf(at)) ?? []
      dead.set(nameOf(at), [...letters, { ...message, reason }])
    },
    deadLetters: async (at) => dead.get(nameOf(at)) ?? [],
    close: async () => undefined,
  }
}
