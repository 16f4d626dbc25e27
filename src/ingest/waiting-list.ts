import type { EventBus } from '../events/index.ts'
import type { RepoKey } from '../repos/index.ts'
import type { ListEnd } from './rows/ops.ts'
import { listsTopic } from './topics.ts'

/** A list to look for, and a name nobody else looks under. */
export interface Look {
  readonly repo: RepoKey
  readonly id: string
  readonly name: string
}

/**
 * The end of a list that lies on the bus, enqueued whole and not taken by a service yet. What a
 * service has taken stands in the catalog, or stood there until its repo was deleted.
 */
export async function waitingList(bus: EventBus, look: Look): Promise<ListEnd | undefined> {
  const at = { topic: listsTopic(look.repo), group: `look-${look.name}` }
  await bus.trim(at.topic, { consumed: true })
  const reader = await bus.join(at)
  try {
    for (;;) {
      const messages = await reader.poll(1000)
      if (messages.length === 0) return undefined
      const found = messages.find(({ key }) => key === look.id)
      if (found !== undefined) return found.fact.data as unknown as ListEnd
    }
  } finally {
    await reader.leave()
    await bus.forget(at)
  }
}
