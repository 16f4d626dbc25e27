import type { ServiceProgress } from '../../engine/index.ts'
import { bytes } from '../format.ts'

/** `12,000 rows, 431/s, 1.2 GB; success 11,000, …; 512 on the way, 88,000 waiting`. */
export function serviceLine(progress: ServiceProgress): string {
  const { rows, statuses, onTheWay, waiting } = progress
  const seconds = Math.max(1, progress.at - progress.startedAt) / 1000
  const states = Object.entries(statuses).map(([name, count]) => `${name} ${number(count)}`)
  return [
    `${number(rows)} rows, ${number(Math.round(rows / seconds))}/s, ${bytes(progress.bytes)}`,
    ...(states.length > 0 ? [states.join(', ')] : []),
    `${number(onTheWay)} on the way, ${number(waiting)} waiting`,
  ].join('; ')
}

function number(value: number): string {
  return value.toLocaleString('en-US')
}
