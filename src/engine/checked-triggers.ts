import { VarveError } from '../model/index.ts'
import { loadCron } from '../pipelines/index.ts'
import type { Batches, Branches, BranchTrigger } from '../repos/index.ts'

interface Triggering {
  readonly branches: Branches
  readonly batches: Batches
}

/**
 * Branches, also in transactions, whose triggers have times that can be read: others would be
 * noticed by whoever commits to the branch. The store takes them as they are, since it knows no cron.
 */
export function withCheckedTriggers({ branches, batches }: Triggering): Triggering {
  return {
    branches: {
      ...branches,
      set: async (branch, change) => {
        await checkTimes(change?.trigger)
        return branches.set(branch, change)
      },
    },
    batches: {
      ...batches,
      add: async (id, request) => {
        if (request.kind === 'branch.set') await checkTimes(request.change?.trigger)
        return batches.add(id, request)
      },
    },
  }
}

/** @throws USAGE */
async function checkTimes(trigger: BranchTrigger | null | undefined): Promise<void> {
  if (!trigger) return
  const { checkCron } = await loadCron()
  const times = [trigger.cron, trigger.rateLimit]
  const faults = times.flatMap((spec) => (spec && checkCron(spec)) ?? [])
  if (faults.length === 0) return
  throw new VarveError('USAGE', { what: faults.join(' '), data: { faults } })
}
