const durationForm = /^(\d+(\.\d+)?(ms|s|m|h))+$/

/** The longest a timer of Node can wait, some 24 days; one that is to wait longer fires at once. */
export const longestTimerMs = 2 ** 31 - 1

const unitMs: Readonly<Record<string, number>> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000 }

/** "30s", "1h30m", "500ms" in milliseconds; undefined for any other text. */
export function parseDuration(text: string): number | undefined {
  if (!durationForm.test(text)) return undefined
  let total = 0
  for (const [, amount, , unit] of text.matchAll(/(\d+(\.\d+)?)(ms|s|m|h)/g)) {
    total += Number(amount) * (unitMs[unit ?? ''] ?? 0)
  }
  return total
}
