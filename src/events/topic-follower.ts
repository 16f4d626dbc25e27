import type { Follower, Message } from './event-bus.ts'
import type { TopicLog } from './topic-log.ts'
import { TopicReader } from './topic-reader.ts'

/** Follows a topic from its present end on. Requeued messages are for their group alone. */
export function topicFollower(log: TopicLog): Follower {
  const reader = new TopicReader(log)
  for (const [partition, { last }] of log.bounds().entries()) reader.add(partition, last)
  return {
    poll: async (max: number): Promise<readonly Message[]> => {
      const found: Message[] = []
      let read = reader.take(max)
      while (read.length > 0) {
        for (const message of read) if (message.onlyFor === undefined) found.push(message)
        read = reader.take(max - found.length)
      }
      return found
    },
  }
}
