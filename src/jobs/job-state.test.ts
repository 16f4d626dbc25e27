import { describe, expect, test } from 'vitest'
import type { CommitId } from '../model/index.ts'
import type { RepoKey } from '../repos/index.ts'
import { advance, noDatums } from './job-state.ts'
import { Tally } from './tally.ts'
import { isDue } from './triggers.ts'
import type { JobInfo } from './types.ts'
import type { Digest } from '../model/index.ts'

const job: JobInfo = {
  pipeline: 'default/p' as RepoKey,
  id: 'a'.repeat(32) as CommitId,
  version: 1,
  state: 'created',
  reason: undefined,
  inputs: [],
  counters: noDatums,
  createdAt: 1,
  startedAt: undefined,
  finishedAt: undefined,
  code: undefined,
  base: undefined,
}
const code = { fingerprint: 'f' as Digest, parts: {}, input: 'i' as Digest }

describe('the steps of a job', () => {
  test('a job started again keeps the time of its first start', () => {
    const once = advance(job, { kind: 'start', at: 5, code, base: undefined })
    const twice = advance(once, { kind: 'start', at: 9, code, base: undefined })
    expect(twice).toMatchObject({ state: 'running', startedAt: 5 })
  })

  test('an ended job takes no further step', () => {
    const ended = advance(job, { kind: 'end', at: 3, state: 'killed', reason: 'why not' })
    expect(ended).toMatchObject({ state: 'killed', reason: 'why not', finishedAt: 3 })
    expect(() => advance(ended, { kind: 'egress' })).toThrow(/has ended/)
  })
})

describe('counting datums', () => {
  test('skipped is what the base had and nothing touched', () => {
    const tally = new Tally(10)
    tally.planned({ fresh: 2, rerun: 3, gone: 1, keep: 0 })
    tally.cached(1)
    for (const state of ['success', 'success', 'recovered', 'failed'] as const) {
      tally.ended('d' as Digest, { state, message: 'm' })
    }
    expect(tally.counters).toEqual({
      processed: 3,
      cached: 1,
      recovered: 1,
      failed: 1,
      skipped: 6,
      total: 11,
    })
  })
})

describe('a trigger is due', () => {
  test('when any condition holds, or with all of them only when every one does', () => {
    expect(isDue({ size: true, commits: false }, false)).toBe(true)
    expect(isDue({ size: true, commits: false }, true)).toBe(false)
    expect(isDue({ size: true, commits: true }, true)).toBe(true)
    expect(isDue({ size: false, commits: false }, false)).toBe(false)
    expect(isDue({}, false)).toBe(true)
  })
})
