import type { JobInfo, RunEvent } from '../engine/index.ts'
import type { Cli } from './cli.ts'
import { duration, grouped } from './format.ts'
import { pad } from './table.ts'
import { shortKey } from './views/key.ts'

const redrawMs = 100
const plainMs = 5000
const barWidth = 24

interface Running {
  job: JobInfo
  planned: boolean
  readonly since: number
}

/**
 * The jobs that run now, one line each under what was said before: redrawn in place on a terminal,
 * written again every few seconds elsewhere.
 */
export function liveJobs(cli: Cli): {
  take(event: RunEvent): void
  say(line: string): void
  close(): void
} {
  const running = new Map<string, Running>()
  let shownLines = 0
  let last = cli.clock.now()
  // What Ctrl-C prints comes below, and would be taken away in place of the jobs.
  cli.signal.addEventListener('abort', () => (shownLines = 0), { once: true })
  const erase = (): void => {
    if (shownLines > 0) process.stderr.write(`\u001B[${shownLines}A\u001B[J`)
    shownLines = 0
  }
  const draw = (): void => {
    const now = cli.clock.now()
    last = now
    const lines = [...running.values()].map((entry) => runningLine(cli, entry, now))
    if (!cli.live) {
      for (const line of lines) cli.note(line)
      return
    }
    erase()
    process.stderr.write(lines.map((line) => `${line}\n`).join(''))
    shownLines = lines.length
  }
  return {
    take: (event) => {
      track(running, event, cli.clock.now())
      if (cli.clock.now() - last >= (cli.live ? redrawMs : plainMs)) draw()
    },
    say: (line) => {
      erase()
      cli.note(line)
      if (cli.live && running.size > 0) draw()
    },
    close: erase,
  }
}

function track(running: Map<string, Running>, event: RunEvent, now: number): void {
  if (event.type === 'warning') return
  const name = `${event.job.pipeline}@${event.job.id}`
  if (event.type === 'job.finished') {
    running.delete(name)
    return
  }
  const known = running.get(name) ?? { job: event.job, planned: false, since: now }
  known.job = event.job
  if (event.type === 'job.progress') known.planned = event.planned
  running.set(name, known)
}

function runningLine(cli: Cli, { job, planned, since }: Running, now: number): string {
  const { processed, skipped, recovered, failed, total } = job.counters
  const done = processed + skipped + recovered + failed
  const seconds = Math.max((now - since) / 1000, 0.001)
  const rate = (processed + recovered + failed) / seconds
  const left = total - done
  const name = pad(shortKey(job.pipeline), 16, 'left')
  const state = cli.noteStyle('blue', 'running')
  if (!planned && total === 0) return `${state}${onOneRow(cli, `    ${name} planning`)}`
  const filled = total === 0 ? 0 : Math.round((done / total) * barWidth)
  const bar = '█'.repeat(filled) + '░'.repeat(barWidth - filled)
  const pace = rate < 0.05 ? '' : `  ${rate < 10 ? rate.toFixed(1) : grouped(Math.round(rate))}/s`
  const eta = planned && rate > 0 && left > 0 ? `  ${duration((left / rate) * 1000)} left` : ''
  const count = `${grouped(done)}/${grouped(total)}${planned ? '' : '+'}`
  return `${state}${onOneRow(cli, `    ${name} ${bar} ${count}${pace}${eta}`)}`
}

/** A line that wraps could not be taken back: erasing counts lines, not rows. */
function onOneRow({ live, columns }: Cli, text: string): string {
  return live ? text.slice(0, Math.max(0, columns - 'running'.length - 1)) : text
}
