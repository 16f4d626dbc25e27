import { VarveError } from '../model/index.ts'
import { loadCron } from '../pipelines/index.ts'
import type { BranchTrigger } from '../repos/index.ts'

/** Times that cannot be read would otherwise be noticed by whoever commits to the branch. @throws USAGE */
export async function checkSchedules({ cron, rateLimit }: BranchTrigger): Promise<void> {
  const { checkCron } = await loadCron()
  const faults = [cron, rateLimit].flatMap((spec) => (spec && checkCron(spec)) ?? [])
  if (faults.length === 0) return
  throw new VarveError('USAGE', { what: faults.join(' '), data: { faults } })
}
