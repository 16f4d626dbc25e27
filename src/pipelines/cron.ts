import { Cron } from 'croner'
import { VarveError } from '../model/index.ts'
import { messageOf, parseDuration } from '../util/index.ts'

/**
 * The dialect of cron inputs: five fields, `@hourly`, `@daily`, `@weekly`, `@monthly`, `@yearly`,
 * `@every 1h30m` and `@never`. Times are in UTC, so that a project ticks alike on every machine.
 */
type Schedule =
  | { readonly kind: 'never' }
  | { readonly kind: 'every'; readonly periodMs: number }
  | { readonly kind: 'fields'; readonly cron: Cron }

const nicknames = new Set([
  '@hourly',
  '@daily',
  '@midnight',
  '@weekly',
  '@monthly',
  '@yearly',
  '@annually',
])

/** What is wrong with a cron text, or undefined. */
export function checkCron(spec: string): string | undefined {
  const schedule = parseCron(spec)
  return typeof schedule === 'string' ? schedule : undefined
}

/**
 * The first tick after a time, both in milliseconds since the epoch; undefined when there is none.
 * `@every` counts from `afterMs`: ask with the newest tick, or with the start of the input.
 */
export function nextTick(spec: string, afterMs: number): number | undefined {
  const schedule = parseCron(spec)
  if (typeof schedule === 'string') throw new VarveError('SPEC_INVALID', { what: schedule })
  if (schedule.kind === 'never') return undefined
  if (schedule.kind === 'every') return afterMs + schedule.periodMs
  return schedule.cron.nextRun(new Date(afterMs))?.getTime()
}

/** All ticks after one time and up to another (included), at most `limit`, oldest first. */
export function ticksBetween(
  spec: string,
  { afterMs, untilMs, limit }: { afterMs: number; untilMs: number; limit: number },
): number[] {
  const ticks: number[] = []
  let at = nextTick(spec, afterMs)
  while (at !== undefined && at <= untilMs && ticks.length < limit) {
    ticks.push(at)
    at = nextTick(spec, at)
  }
  return ticks
}

/** The name of the file a tick commits: its time in RFC 3339, without fractions. */
export function tickFileName(atMs: number): string {
  return new Date(atMs).toISOString().replace(/\.\d{3}Z$/, 'Z')
}

function parseCron(spec: string): Schedule | string {
  const text = spec.trim()
  if (text === '@never') return { kind: 'never' }
  if (text.startsWith('@every')) return parseEvery(text)
  if (text.startsWith('@')) {
    if (!nicknames.has(text)) return `"${spec}" is not a schedule Varve knows`
  } else if (text.split(/\s+/).length !== 5) {
    return `"${spec}" must have five fields: minute, hour, day of month, month, day of week`
  }
  try {
    return { kind: 'fields', cron: new Cron(text, { timezone: 'UTC', paused: true }) }
  } catch (error) {
    return `"${spec}" is not a schedule: ${messageOf(error)}`
  }
}

function parseEvery(text: string): Schedule | string {
  const periodMs = parseDuration(text.slice('@every'.length).trim())
  if (periodMs === undefined) return `"${text}" must give a duration, as in "@every 30s"`
  // Ticks are files named by whole seconds, so shorter periods would collide.
  const whole = Math.floor(periodMs / 1000) * 1000
  if (whole === 0) return `"${text}" must be at least one second`
  return { kind: 'every', periodMs: whole }
}
