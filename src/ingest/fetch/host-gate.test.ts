import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { HostGate, type GateLimits, type HostSign } from './host-gate.ts'
import type { Admission, Pass } from './host-state.ts'

beforeEach(() => vi.useFakeTimers())
afterEach(() => vi.useRealTimers())

const answered: HostSign = { kind: 'answered' }
const timedOut: HostSign = { kind: 'failed', error: 'timed out' }

function openGate(limits: Partial<GateLimits> = {}): HostGate {
  const usual: GateLimits = {
    concurrency: 100,
    hostConcurrency: 4,
    hostRate: Number.POSITIVE_INFINITY,
    hostFailures: 3,
    hostAsideMs: 1000,
    maxRetryAfterMs: 60_000,
    ...limits,
  }
  return new HostGate(usual, { now: () => Date.now() })
}

/** Enters or queues; the list fills when the request is let in or refused. */
function ask(gate: HostGate, host: string, into: Admission[] = []): Admission[] {
  const admission = gate.enter(host)
  if (admission === undefined) gate.queue(host, (late) => into.push(late))
  else into.push(admission)
  return into
}

function pass(gate: HostGate, host = 'a'): Pass {
  const [admission] = ask(gate, host)
  if (admission?.kind !== 'pass') throw new Error(`no pass: ${JSON.stringify(admission?.kind)}`)
  return admission.pass
}

function passesOf(admissions: readonly Admission[]): readonly Pass[] {
  return admissions.flatMap((admission) => (admission.kind === 'pass' ? [admission.pass] : []))
}

function fail(gate: HostGate, times: number): void {
  for (let time = 0; time < times; time++) gate.leave(pass(gate), timedOut)
}

test('a host gets so many requests at once; the next goes in when one has left', () => {
  const gate = openGate({ hostConcurrency: 2 })
  const passes = [pass(gate), pass(gate)]
  const third = ask(gate, 'a')
  expect(third).toEqual([])
  expect(gate.reports()).toMatchObject([{ host: 'a', active: 2, waiting: 1 }])
  gate.leave(passes[0]!, answered)
  expect(third).toHaveLength(1)
})

test('hosts that wait are served in turn, so that a long queue starves nobody', () => {
  const gate = openGate({ concurrency: 1 })
  const order: string[] = []
  const first = pass(gate, 'z')
  let last: Pass = first
  for (const host of ['a', 'a', 'a', 'b', 'c']) {
    gate.queue(host, (admission) => {
      order.push(host)
      if (admission.kind === 'pass') last = admission.pass
    })
  }
  for (let turn = 0; turn < 5; turn++) gate.leave(turn === 0 ? first : last, answered)
  expect(order).toEqual(['a', 'b', 'c', 'a', 'a'])
})

test('who leaves the queue is not let in later', () => {
  const gate = openGate({ hostConcurrency: 1 })
  const first = pass(gate)
  const admissions: Admission[] = []
  const leave = gate.queue('a', (admission) => admissions.push(admission))
  const other = ask(gate, 'a')
  leave()
  gate.leave(first, answered)
  expect(admissions).toEqual([])
  expect(other).toHaveLength(1)
})

test('a rate spaces the requests to one host and leaves others alone', () => {
  const gate = openGate({ hostRate: 10 })
  const admissions: Admission[] = []
  for (let request = 0; request < 3; request++) ask(gate, 'a', admissions)
  expect(admissions).toHaveLength(1)
  expect(ask(gate, 'b')).toHaveLength(1)
  vi.advanceTimersByTime(100)
  expect(admissions).toHaveLength(2)
  vi.advanceTimersByTime(100)
  expect(admissions).toHaveLength(3)
})

test('a host that asks for a pause gets it', () => {
  const gate = openGate()
  gate.leave(pass(gate), { kind: 'asked', waitMs: 5000, error: 'HTTP Error 429' })
  const waiting = ask(gate, 'a')
  expect(gate.reports()).toMatchObject([{ condition: 'delayed', waiting: 1 }])
  vi.advanceTimersByTime(4999)
  expect(waiting).toEqual([])
  vi.advanceTimersByTime(1)
  expect(waiting).toHaveLength(1)
})

test('a host that does nothing but ask for pauses is refused at last', () => {
  const gate = openGate()
  const asked: HostSign = { kind: 'asked', waitMs: 1000, error: 'HTTP Error 429' }
  for (let wave = 0; wave < 6; wave++) {
    const together = [pass(gate), pass(gate)]
    for (const one of together) gate.leave(one, asked)
    vi.advanceTimersByTime(1000)
  }
  expect(ask(gate, 'a')).toEqual([{ kind: 'refused', error: 'host set aside: HTTP Error 429' }])
})

test('a host that fails in a row is set aside; then one request tries it', () => {
  const gate = openGate()
  fail(gate, 3)
  const admissions: Admission[] = []
  for (let request = 0; request < 3; request++) ask(gate, 'a', admissions)
  expect(admissions).toEqual([])
  expect(gate.reports()).toMatchObject([{ condition: 'aside', lastError: 'timed out' }])
  vi.advanceTimersByTime(1000)
  const [probe, ...others] = passesOf(admissions)
  expect(others).toEqual([])
  gate.leave(probe!, answered)
  expect(passesOf(admissions)).toHaveLength(3)
  expect(gate.reports()).toMatchObject([{ condition: 'open' }])
})

test('when that one fails, all that wait fail with it, and new ones at once for longer and longer', () => {
  const gate = openGate()
  fail(gate, 3)
  const admissions: Admission[] = []
  for (let request = 0; request < 3; request++) ask(gate, 'a', admissions)
  vi.advanceTimersByTime(1000)
  gate.leave(passesOf(admissions)[0]!, timedOut)
  const refused: Admission = { kind: 'refused', error: 'host set aside: timed out' }
  expect(admissions.slice(1)).toEqual([refused, refused])
  expect(gate.enter('a')).toEqual(refused)
  vi.advanceTimersByTime(2000)
  gate.leave(pass(gate), timedOut)
  vi.advanceTimersByTime(3999)
  expect(gate.enter('a')).toEqual(refused)
  vi.advanceTimersByTime(1)
  gate.leave(pass(gate), answered)
  expect(gate.reports()).toMatchObject([{ condition: 'open' }])
})

test('slow requests that began before the host last answered do not count against it', () => {
  const gate = openGate({ hostConcurrency: 50 })
  const slow = Array.from({ length: 20 }, () => pass(gate))
  gate.leave(pass(gate), answered)
  for (const one of slow) gate.leave(one, timedOut)
  expect(gate.reports()).toMatchObject([{ condition: 'open', failed: 20 }])
})

test('hosts without work are forgotten when there are too many of them', () => {
  const gate = openGate()
  for (let host = 0; host < 20_000; host++) gate.leave(pass(gate, `h${host}`), answered)
  expect(gate.reports().length).toBeLessThan(10_000)
})

test('a paused gate lets nobody in, and all who waited when it goes on', () => {
  const gate = openGate({ hostConcurrency: 2 })
  const early = pass(gate, 'a')
  gate.pause(true)
  const [late, other] = [ask(gate, 'a'), ask(gate, 'b')]
  gate.leave(early, answered)
  expect([late, other]).toEqual([[], []])
  gate.pause(false)
  expect(passesOf([...late, ...other])).toHaveLength(2)
})
