/**
 * Question: does memory grow with the list? Lists of up to a million rows in each format are
 * enqueued, and a service fetches 200 bytes for each row, all different or all the same. Each job
 * runs once: its peak hardly varies. The million takes half an hour.
 */
import { closeSync, openSync, writeFileSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import { parquetWriteBuffer } from 'hyparquet-writer'
import { inScratch } from './dataset.ts'
import { machine, report, scaled, type Measurement } from './harness.ts'
import { openSmallHost } from './ingest.ts'
import { makeProject, varve } from './project.ts'

const most = scaled(1_000_000)
const sizes = [most / 100, most / 10, most].map(Math.round)
const mostMegabytes = 400
/** Caches of SQLite and of tree nodes fill up to their bounds; nothing else may grow. */
const mostGrowth = 1.5

interface Row {
  readonly url: string
  readonly caption: string
  readonly n: number
}

const rowOf = (origin: string, folder: string, n: number): Row => ({
  url: `${origin}/${folder}/a-picture-with-a-name-of-some-length-${n}.jpg?size=large`,
  caption: `caption ${n}, as long as such texts are that people write below a picture`,
  n,
})

function* rowsOf(origin: string, folder: string, count: number): Generator<Row> {
  for (let n = 0; n < count; n += 1) yield rowOf(origin, folder, n)
}

const formats = ['txt', 'csv', 'jsonl', 'parquet'] as const

function writeList(file: string, format: (typeof formats)[number], rows: Iterable<Row>): void {
  if (format === 'parquet') return writeParquet(file, [...rows])
  const handle = openSync(file, 'w')
  let text = format === 'csv' ? 'url,caption,n\n' : ''
  for (const row of rows) {
    text += `${lineOf(format, row)}\n`
    if (text.length < 1 << 20) continue
    writeSync(handle, text)
    text = ''
  }
  writeSync(handle, text)
  closeSync(handle)
}

function lineOf(format: 'txt' | 'csv' | 'jsonl', row: Row): string {
  if (format === 'txt') return row.url
  return format === 'csv' ? `${row.url},"${row.caption}",${row.n}` : JSON.stringify(row)
}

/** All rows in one row group, as most writers have it. */
function writeParquet(file: string, rows: readonly Row[]): void {
  const bytes = parquetWriteBuffer({
    columnData: [
      { name: 'url', data: rows.map(({ url }) => url), type: 'STRING' },
      { name: 'caption', data: rows.map(({ caption }) => caption), type: 'STRING' },
      { name: 'n', data: rows.map(({ n }) => n), type: 'INT32' },
    ],
    rowGroupSize: rows.length,
  })
  writeFileSync(file, new Uint8Array(bytes))
}

const found: (Measurement & { readonly name: string })[] = []

function note(name: string, measured: Measurement): Measurement {
  found.push({ name, ...measured })
  return measured
}

const repo = ['--repo', 'images']

async function project(folder: string): Promise<string> {
  await makeProject(folder, { repos: ['images'], pipelines: [] })
  return folder
}

async function enqueueEach(folder: string, origin: string): Promise<void> {
  for (const format of formats) {
    const list = join(folder, `urls.${format}`)
    writeList(list, format, rowsOf(origin, 'own', most))
    const columns = format === 'txt' ? [] : ['--caption_col', 'caption', '--columns', 'n']
    const where = await project(join(folder, format))
    note(`enqueue ${most} rows of ${format}`, varve(where, ['enqueue', list, ...repo, ...columns]))
  }
}

async function serve(folder: string, origin: string, kind: 'own' | 'same', count: number) {
  const where = await project(join(folder, `${kind}-${count}`))
  const list = join(where, 'urls.txt')
  writeList(list, 'txt', rowsOf(origin, kind, count))
  varve(where, ['enqueue', list, ...repo])
  const local = ['--allow', '127.0.0.1', '--norobots_txt', '--host_concurrency', '64']
  const bytes = kind === 'own' ? 'bytes of their own' : 'the same bytes'
  return note(
    `service, ${count} URLs with ${bytes}`,
    varve(where, ['service', ...repo, '--once', '--thread_count', '64', ...local]),
  )
}

await inScratch(async (folder) => {
  const host = await openSmallHost()
  try {
    await enqueueEach(folder, host.origin)
    const peaks: number[] = []
    for (const count of sizes) {
      peaks.push((await serve(folder, host.origin, 'own', count)).peakMegabytes)
    }
    await serve(folder, host.origin, 'same', most / 10)
    const [, before = 0, last = 0] = peaks
    const highest = Math.max(...found.map(({ peakMegabytes }) => peakMegabytes))
    report({
      question: `Memory of ${most} URLs (${machine()})`,
      rows: found,
      goals: [
        {
          goal: `peak <= ${mostMegabytes} MB, all jobs`,
          reached: `${highest.toFixed(0)} MB`,
          met: highest <= mostMegabytes,
        },
        {
          goal: `flat: ten times the rows <= ${mostGrowth} x`,
          reached: `${(last / before).toFixed(2)} x`,
          met: last <= mostGrowth * before,
        },
      ],
    })
  } finally {
    await host.close()
  }
})
