/**
 * What the ingest benches share: a host on this machine, a seeded set of JPEGs, and one job done by
 * `varve download` and by img2dataset 1.47.0 in turns. The yardstick is looked for in
 * `$VARVE_IMG2DATASET`, else in `.cache/img2dataset` (python3 -m venv; pip install
 * img2dataset==1.47.0); where it is absent that is said, and only our side runs.
 */
import { spawn, spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { connect, createServer, type AddressInfo } from 'node:net'
import { join, resolve } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import sharp from 'sharp'
import { inScratch, randomBytes } from './dataset.ts'
import {
  inTurns,
  machine,
  report,
  runCommand,
  type Contender,
  type Finding,
  type Measurement,
} from './harness.ts'
import { varve } from './project.ts'

const root = resolve(import.meta.dirname, '..')

export const ourName = 'varve download'
export const theirName = 'img2dataset 1.47.0'

const yardstick =
  process.env['VARVE_IMG2DATASET'] ?? join(root, '.cache/img2dataset/bin/img2dataset')

/** Whether the yardstick is here; says so by name when it is not. */
export function hasYardstick(): boolean {
  if (existsSync(yardstick)) return true
  process.stdout.write(`${theirName} is not at ${yardstick}: only our side runs\n`)
  return false
}

// The host ----------------------------------------------------------------------------------------

export interface ImageHost {
  readonly origin: string
  readonly server: string
  close(): Promise<void>
}

export interface HostileHosts extends Omit<ImageHost, 'server'> {
  /** Origin of a host by number; numbers beyond the last begin anew. */
  originOf(number: number): string
  /** Makes every URL one that was never asked for. */
  forget(): Promise<void>
}

/** Serves a folder from hosts that misbehave, 127.0.0.1 and up: see hostile-server.ts. */
export async function openHostileHosts(folder: string, hosts: number): Promise<HostileHosts> {
  const port = await freePort()
  const script = join(import.meta.dirname, 'hostile-server.ts')
  const started = await start([process.execPath, script, folder, String(port), String(hosts)], port)
  return {
    ...started,
    originOf: (number) => `http://127.0.0.${1 + (number % hosts)}:${port}`,
    forget: async () => void (await fetch(`${started.origin}/forget`)),
  }
}

/** Serves 200 bytes for any URL: see small-server.ts. */
export async function openSmallHost(): Promise<Omit<ImageHost, 'server'>> {
  const port = await freePort()
  return start([process.execPath, join(import.meta.dirname, 'small-server.ts'), String(port)], port)
}

/** Serves a folder: with nginx where there is one and no pause is asked for, else with Node. */
async function openHost(folder: string, delayMs = 0): Promise<ImageHost> {
  const port = await freePort()
  const nginx = spawnSync('nginx', ['-v']).error === undefined
  const useNginx = nginx && delayMs === 0
  if (!nginx) process.stdout.write('nginx (Debian: nginx-light) is absent: Node serves instead\n')
  const argv = useNginx ? nginxCommand(folder, port) : nodeCommand(folder, port, delayMs)
  return { ...(await start(argv, port)), server: useNginx ? 'nginx' : `Node, ${delayMs} ms` }
}

async function start(argv: readonly string[], port: number): Promise<Omit<ImageHost, 'server'>> {
  const [command = '', ...args] = argv
  const child = spawn(command, args, { stdio: 'ignore' })
  const ended = new Promise<void>((done) => void child.once('exit', () => done()))
  await answering(port)
  return {
    origin: `http://127.0.0.1:${port}`,
    close: async () => {
      child.kill('SIGTERM')
      await ended
    },
  }
}

function nginxCommand(folder: string, port: number): string[] {
  const state = join(folder, '..', 'nginx')
  mkdirSync(state, { recursive: true })
  const temporary = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi']
    .map((kind) => `${kind}_temp_path ${state}/${kind};`)
    .join(' ')
  const text = `worker_processes 1; ${process.getuid?.() === 0 ? 'user root;' : ''} pid ${state}/pid;
error_log ${state}/error.log; daemon off; events { worker_connections 4096; }
http { access_log off; sendfile on; keepalive_requests 1000000; ${temporary}
server { listen 127.0.0.1:${port} backlog=4096; root ${folder}; default_type image/jpeg; } }
`
  writeFileSync(join(state, 'nginx.conf'), text)
  return ['nginx', '-p', state, '-c', join(state, 'nginx.conf'), '-e', join(state, 'error.log')]
}

function nodeCommand(folder: string, port: number, delayMs: number): string[] {
  const script = join(import.meta.dirname, 'image-server.ts')
  return [process.execPath, script, folder, String(port), String(delayMs)]
}

async function freePort(): Promise<number> {
  const server = createServer()
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done))
  const { port } = server.address() as AddressInfo
  await new Promise((done) => server.close(done))
  return port
}

async function answering(port: number): Promise<void> {
  for (let tries = 0; tries < 200; tries += 1) {
    const answered = await new Promise<boolean>((done) => {
      const socket = connect(port, '127.0.0.1')
        .once('connect', () => done(true))
        .once('error', () => done(false))
        .once('close', () => socket.destroy())
      socket.once('connect', () => socket.end())
    })
    if (answered) return
    await pause(50)
  }
  throw new Error(`nothing listens on port ${port}`)
}

// The images --------------------------------------------------------------------------------------

const drawings = 64

/**
 * Writes `count` JPEGs of 400-1000 by 300-800 pixels, about 90 kB each, no two alike; answers their
 * names. A few are drawn, and what follows the end of the picture tells the copies apart.
 */
export async function writeImages(folder: string, count: number): Promise<string[]> {
  mkdirSync(folder, { recursive: true })
  const drawn = await Promise.all(
    Array.from({ length: Math.min(count, drawings) }, async (_, at) => drawImage(at)),
  )
  return Array.from({ length: count }, (_, at) => {
    const name = `${String(at).padStart(6, '0')}.jpg`
    const picture = drawn[at % drawn.length] ?? Buffer.alloc(0)
    writeFileSync(join(folder, name), Buffer.concat([picture, Buffer.from(`copy ${at}`)]))
    return name
  })
}

async function drawImage(at: number): Promise<Buffer> {
  const width = 400 + ((at * 97) % 601)
  const height = 300 + ((at * 61) % 501)
  const [columns, rows] = [width >> 2, height >> 2]
  const raw = { width: columns, height: rows, channels: 3 as const }
  return sharp(randomBytes(columns * rows * 3, `picture ${at}`), { raw })
    .resize(width, height, { fit: 'fill', kernel: 'cubic' })
    .jpeg({ quality: 80 })
    .toBuffer()
}

/** Writes a list of one URL a line. */
export function writeList(file: string, urls: readonly string[]): string {
  writeFileSync(file, urls.map((url) => `${url}\n`).join(''))
  return file
}

// The job -----------------------------------------------------------------------------------------

export interface Job {
  readonly list: string
  /** Rows that must be in the shards at the end: both sides do all of the work. */
  readonly successes: number
  /** Only our side has to have them all. */
  readonly theirsMayLack?: boolean
  /** Before each run of either side; not measured. */
  readonly before?: () => unknown
  readonly folder: string
  /** Options both understand. */
  readonly options: readonly string[]
  /** Options of ours alone. */
  readonly ours?: readonly string[]
  /** Requests on their way at once, when not 64: ours in one process, theirs in two. */
  readonly inFlight?: number
  /** Theirs, when it does best with another number. */
  readonly theirsInFlight?: number
}

interface ServedList {
  /** Pictures the host serves. */
  readonly images: number
  /** Before each answer. */
  readonly delayMs?: number
  /** The list's URLs, where they are not just one for each picture. */
  readonly listed?: (urls: readonly string[]) => readonly string[]
}

/** What of a job is known when its list is written. */
export type ListedJob = Pick<Job, 'list' | 'successes' | 'folder'>

/** Runs `task` in a scratch folder beside a host of pictures, with the job of fetching a list of them. */
export async function besideHost(
  { images, delayMs, listed = (urls) => urls }: ServedList,
  task: (host: ImageHost, job: ListedJob) => unknown,
): Promise<void> {
  await inScratch(async (folder) => {
    const pictures = join(folder, 'images')
    const names = await writeImages(pictures, images)
    const host = await openHost(pictures, delayMs)
    try {
      const urls = listed(names.map((name) => `${host.origin}/${name}`))
      const list = writeList(join(folder, 'urls.txt'), urls)
      await task(host, { list, successes: urls.length, folder })
    } finally {
      await host.close()
    }
  })
}

/** Lists the URLs over and over, each time with a query of its own. */
export function repeatedly(count: number): (urls: readonly string[]) => readonly string[] {
  return (urls) => Array.from({ length: count }, (_, at) => `${urls[at % urls.length]}?row=${at}`)
}

export const rawBytes = ['--disable_all_reencoding', 'True', '--extract_exif', 'False']

export function runOurs(job: Job, output: string): Measurement {
  const inFlight = ['--thread_count', String(job.inFlight ?? 64), '--allow', '127.0.0.0/8']
  const options = [...commonOptions(job, output), ...inFlight, ...(job.ours ?? [])]
  return varve(job.folder, ['download', ...options])
}

export function runTheirs(job: Job, output: string): Measurement {
  const threads = String((job.theirsInFlight ?? job.inFlight ?? 64) / 2)
  const inFlight = ['--processes_count', '2', '--thread_count', threads]
  const env = { NO_ALBUMENTATIONS_UPDATE: '1', WANDB_MODE: 'disabled' }
  return runCommand([yardstick, ...commonOptions(job, output), ...inFlight], { env })
}

function commonOptions({ list, options }: Job, output: string): string[] {
  const files = ['--url_list', list, '--output_folder', output, '--output_format', 'webdataset']
  return [...files, ...options]
}

/** Does the job from nothing, both sides in turns; throws when a side left rows out. */
export async function sideBySide(job: Job): Promise<Map<string, Measurement>> {
  const contender = (name: string, run: typeof runOurs): Contender => {
    const output = outputOf(job, name)
    return {
      name,
      before: async () => {
        rmSync(output, { recursive: true, force: true })
        await job.before?.()
      },
      run: () => {
        const measured = run(job, output)
        const found = successesOf(job, name)
        const mayLack = job.theirsMayLack === true && name === theirName
        if (found === job.successes || mayLack) return measured
        throw new Error(`${output} holds ${found} of ${job.successes} rows`)
      },
    }
  }
  const contenders = [contender(ourName, runOurs)]
  if (hasYardstick()) contenders.unshift(contender(theirName, runTheirs))
  return inTurns(contenders)
}

/** Rows in the shards that a side wrote last. */
export function successesOf(job: Job, name: string): number {
  const output = outputOf(job, name)
  return readdirSync(output)
    .filter((file) => file.endsWith('_stats.json'))
    .map((file) => JSON.parse(readFileSync(join(output, file), 'utf8')) as { successes: number })
    .reduce((sum, { successes }) => sum + successes, 0)
}

function outputOf(job: Job, name: string): string {
  return join(job.folder, name.replaceAll(' ', '-'))
}

/** Reports a job with its goals: at most so many times what the yardstick took. */
export function reportRatios(
  question: string,
  found: ReadonlyMap<string, Measurement>,
  most: Partial<Record<'wallSeconds' | 'cpuSeconds', number>>,
): void {
  const [ours, theirs] = [found.get(ourName), found.get(theirName)]
  const goals: Finding['goals'][number][] = []
  for (const figure of ['cpuSeconds', 'wallSeconds'] as const) {
    const limit = most[figure]
    if (ours === undefined || theirs === undefined || limit === undefined) continue
    const ratio = ours[figure] / theirs[figure]
    goals.push({
      goal: `${figure === 'cpuSeconds' ? 'CPU' : 'wall'} <= ${limit} x ${theirName}`,
      reached: `${ratio.toFixed(2)} x`,
      met: ratio <= limit,
    })
  }
  const rows = [...found].map(([name, measured]) => ({ name, ...measured }))
  report({ question: `${question} (${machine()})`, rows, goals })
}
