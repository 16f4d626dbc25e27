import { z } from 'zod'
import { longestTimerMs, parseDuration } from '../../util/index.ts'

const digits = /^\d+$/

/** Whole number, or the same as text, as some published specs write it. */
export function count(minimum = 0) {
  const error = `must be a whole number of at least ${minimum}`
  return z
    .union([z.int(error).min(minimum, error), z.string().regex(digits, error)], { error })
    .transform(Number)
    .refine((value) => value >= minimum, error)
}

export const flag = z
  .union([z.boolean(), z.enum(['true', 'false'])], {
    error: 'must be true or false',
  })
  .transform((value) => value === true || value === 'true')

/**
 * "30s", "1h30m", "500ms"; in milliseconds. All durations of a spec are timeouts: one longer than a
 * timer can wait means the longest there is.
 */
export const duration = z
  .string({ error: 'must be a duration such as "30s"' })
  .regex(/^(\d+(\.\d+)?(ms|s|m|h))+$/, 'must be a duration such as "30s", "5m" or "1h30m"')
  .transform((text) => Math.min(parseDuration(text) ?? 0, longestTimerMs))

const sizeForm = /^(\d+(?:\.\d+)?)\s*(?:([KMGTP])(i)?B?|B)?$/i

const sizeError = 'must be a size such as "64Mi", "10K" or a number of bytes'

/** "512", "10K" (1000), "64Mi" (1024²), "1.5GB"; in bytes. */
export const size = z
  .union([z.number().min(0, sizeError), z.string().regex(sizeForm, sizeError)], {
    error: sizeError,
  })
  .transform((value) => {
    if (typeof value === 'number') return Math.round(value)
    const [, amount, letter, binary] = sizeForm.exec(value) ?? []
    const power = letter === undefined ? 0 : 'KMGTP'.indexOf(letter.toUpperCase()) + 1
    return Math.round(Number(amount) * (binary === undefined ? 1000 : 1024) ** power)
  })

const cores = /^\d+(\.\d+)?m?$/

const cpuError = 'must be a number of cores such as 2, "0.5" or "500m"'

/** Cores: 2, "0.5", or "500m" as Kubernetes writes it. */
export const cpu = z
  .union([z.number().positive(cpuError), z.string().regex(cores, cpuError)], { error: cpuError })
  .transform((value) => {
    if (typeof value === 'number') return value
    return value.endsWith('m') ? Number(value.slice(0, -1)) / 1000 : Number(value)
  })

/** Text, or a number or boolean that YAML took for one: environment variables are text. */
export const text = z
  .union([z.string(), z.number(), z.boolean()], { error: ({ input }) => textError(input) })
  .transform(String)

/** A line of a script that has a colon in it is what YAML most often takes for something else. */
function textError(value: unknown): string {
  const isMap = typeof value === 'object' && value !== null && !Array.isArray(value)
  return isMap ? 'must be text; with ": " in it or ":" at its end it needs quotes' : 'must be text'
}

export const textMap = z.record(z.string(), text)

/** A field that is understood and kept, and changes nothing here. */
export function ignored(why: string) {
  return z
    .unknown()
    .optional()
    .meta({ description: `Ignored: ${why}.`, varve: 'ignored' })
}

/** A field that would change results and is not there yet: an error unless it is switched off. */
export function unsupported(why: string) {
  return z
    .unknown()
    .optional()
    .meta({ description: `Not supported: ${why}.`, varve: 'unsupported' })
}
