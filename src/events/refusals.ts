import { VarveError } from '../model/index.ts'
import { invariant } from '../util/index.ts'
import type { GroupPosition, TrimRule } from './event-bus.ts'

/** A rule without any condition would delete everything: surely not what was meant. */
export function checkTrimRule({ consumed = false, olderThanMs }: TrimRule): void {
  invariant(consumed || olderThanMs !== undefined, 'a topic was trimmed without a condition')
}

export function groupInUse({ topic, group }: GroupPosition, members: number): VarveError {
  return new VarveError('IN_USE', {
    what: `The group ${group} of topic ${topic} has ${members} living member(s).`,
    next: 'Stop them first, or wait until their leases end.',
    data: { topic, group, members },
  })
}
