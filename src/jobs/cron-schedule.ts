import { VarveError } from '../model/index.ts'

/** Tells the ticks of a cron text. Times are milliseconds since the epoch; fields are in UTC. */
export interface CronSchedule {
  /** The first tick strictly after a time; undefined when there will never be one. */
  next(after: number): number | undefined
}

const unitMs: Readonly<Record<string, number>> = {
  ms: 1,
  s: 1000,
  m: 60_000,
  h: 3_600_000,
  d: 86_400_000,
}

/**
 * Reads five fields, `@hourly` and its like, `@every 1h30m` or `@never`, as Pachyderm does. Six
 * fields and `@reboot` throw `SPEC_INVALID`.
 */
export async function parseCron(text: string): Promise<CronSchedule> {
  const trimmed = text.trim()
  if (trimmed === '@never') return { next: () => undefined }
  if (trimmed.startsWith('@every ')) return every(trimmed.slice('@every '.length), text)
  if (trimmed === '@reboot' || (!trimmed.startsWith('@') && trimmed.split(/\s+/).length !== 5)) {
    throw cronInvalid(text, 'five fields, @every DURATION, @daily or @never are understood')
  }
  const { Cron } = await import('croner')
  try {
    const cron = new Cron(trimmed, { paused: true, timezone: 'UTC' })
    return { next: (after) => cron.nextRun(new Date(after))?.getTime() }
  } catch (error) {
    throw cronInvalid(text, error instanceof Error ? error.message : String(error))
  }
}

function every(duration: string, text: string): CronSchedule {
  const parts = [...duration.matchAll(/(\d+(?:\.\d+)?)(ms|s|m|h|d)/g)]
  const ms = parts.reduce((sum, [, n, unit = 's']) => sum + Number(n) * (unitMs[unit] ?? 0), 0)
  if (parts.map(([part]) => part).join('') !== duration.trim() || ms < 1000) {
    throw cronInvalid(text, 'a duration like 30s or 1h30m, at least one second, is needed')
  }
  return { next: (after) => Math.floor(after / ms) * ms + ms }
}

function cronInvalid(text: string, why: string): VarveError {
  return new VarveError('SPEC_INVALID', {
    what: `The cron text "${text}" is not understood: ${why}.`,
    data: { cron: text },
  })
}
