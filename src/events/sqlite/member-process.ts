import { hostname } from 'node:os'
import { systemCode } from '../../util/index.ts'

/** The process a member runs in, as its row names it. */
export interface MemberProcess {
  readonly pid: number
  readonly host: string
}

export function thisProcess(): MemberProcess {
  return { pid: process.pid, host: hostname() }
}

/**
 * Whether a process has surely ended, so that nobody need wait for its lease. One of another host
 * cannot be asked about, and a new process may have the number of an old one: leases tell those.
 */
export function hasEnded({ pid, host }: MemberProcess): boolean {
  if (host !== hostname()) return false
  try {
    process.kill(pid, 0)
    return false
  } catch (error) {
    return systemCode(error) === 'ESRCH'
  }
}
