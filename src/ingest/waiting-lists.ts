import type { EventBus } from '../events/index.ts'
import type { RepoKey } from '../repos/index.ts'
import type { ListEnd } from './rows/ops.ts'
import { listsTopic } from './topics.ts'

/**
 * The ends of lists that lie on the bus, by id: enqueued whole, and not taken by a service yet. What
 * a service has taken stands in the catalog, or stood there until its repo was deleted. `name` is one
 * nobody else looks under; the look leaves no trace.
 */
export async function waitingLists(
  bus: EventBus,
  repo: RepoKey,
  name: string,
): Promise<ReadonlyMap<string, ListEnd>> {
  const at = { topic: listsTopic(repo), group: `look-${name}` }
  const found = new Map<string, ListEnd>()
  await bus.trim(at.topic, { consumed: true })
  const reader = await bus.join(at)
  try {
    for (let page = await reader.poll(1000); page.length > 0; page = await reader.poll(1000)) {
      for (const { fact } of page) {
        const end = fact.data as unknown as ListEnd
        found.set(end.id, end)
      }
    }
  } finally {
    await reader.leave()
    await bus.forget(at)
  }
  return found
}
