/** Numbers as people read them. Machines get the exact values through `--json`. */

const units = ['B', 'KiB', 'MiB', 'GiB', 'TiB', 'PiB']

/** 1536 is "1.5KiB": three digits at most, binary units. */
export function bytes(count: number): string {
  let value = count
  let unit = 0
  while (value >= 1023.5 && unit < units.length - 1) {
    value /= 1024
    unit++
  }
  const decimals = unit === 0 || value >= 99.95 ? 0 : value < 9.995 ? 2 : 1
  return `${Number(value.toFixed(decimals))}${units[unit] ?? ''}`
}

const spans: readonly (readonly [ms: number, name: string])[] = [
  [365.25 * 86_400_000, 'year'],
  [30.44 * 86_400_000, 'month'],
  [7 * 86_400_000, 'week'],
  [86_400_000, 'day'],
  [3_600_000, 'hour'],
  [60_000, 'minute'],
  [1000, 'second'],
]

/** "3 minutes ago": the largest unit that fits. */
export function age(then: number, now: number): string {
  const passed = Math.max(0, now - then)
  for (const [ms, name] of spans) {
    const count = Math.floor(passed / ms)
    if (count >= 1) return `${plural(count, name)} ago`
  }
  return 'just now'
}

/** 0.42 s, 12 s, 3m 20s, 2h 5m. */
export function duration(ms: number): string {
  if (ms < 1000) return `${Math.round(ms)}ms`
  if (ms < 9950) return `${(ms / 1000).toFixed(1)}s`
  const seconds = Math.round(ms / 1000)
  if (seconds < 60) return `${seconds}s`
  if (seconds < 3600) return `${Math.floor(seconds / 60)}m ${seconds % 60}s`
  const minutes = Math.floor(seconds / 60)
  if (minutes < 60 * 24) return `${Math.floor(minutes / 60)}h ${minutes % 60}m`
  return `${Math.floor(minutes / 1440)}d ${Math.floor((minutes % 1440) / 60)}h`
}

export function plural(count: number, noun: string, nouns = `${noun}s`): string {
  return `${grouped(count)} ${count === 1 ? noun : nouns}`
}

/** 1234567 is "1,234,567". */
export function grouped(count: number): string {
  return String(count).replaceAll(/\B(?=(\d{3})+(?!\d))/g, ',')
}

/** A point in time as RFC 3339 to the second, in UTC. */
export function timestamp(at: number): string {
  return `${new Date(at).toISOString().slice(0, 19)}Z`
}

/** Ids are 32 or 64 digits; twelve tell them apart on a screen. */
export function shortId(id: string): string {
  return id.slice(0, 12)
}
