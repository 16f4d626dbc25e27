import type { ServiceProgress } from '../../engine/index.ts'
import { bytes, grouped, plural } from '../format.ts'

/** `12,000 rows, 431/s, 1.2 GB; success 11,000, …; 512 on the way, 88,000 waiting`. */
export function serviceLine(progress: ServiceProgress): string {
  const { rows, statuses, onTheWay, waiting } = progress
  const seconds = Math.max(1, progress.at - progress.startedAt) / 1000
  const states = Object.entries(statuses).map(([name, count]) => `${name} ${grouped(count)}`)
  return [
    `${plural(rows, 'row')}, ${grouped(Math.round(rows / seconds))}/s, ${bytes(progress.bytes)}`,
    ...(states.length > 0 ? [states.join(', ')] : []),
    `${grouped(onTheWay)} on the way, ${grouped(waiting)} waiting`,
  ].join('; ')
}
