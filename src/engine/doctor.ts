import { existsSync } from 'node:fs'
import { mkdir, open, rm, statfs } from 'node:fs/promises'
import { availableParallelism, tmpdir } from 'node:os'
import { join } from 'node:path'
import { isVarveError } from '../model/index.ts'
import { systemClock, systemRandom } from '../util/index.ts'
import { checkFormat, findProject, hasStore, type ProjectFolder } from './project-folder.ts'
import { writerOf } from './status.ts'
import { checkWriteAccess, mayWrite } from './write-access.ts'

/** One thing that was looked at. A `hint` says what to do about it. */
export interface Check {
  readonly name: string
  readonly state: 'ok' | 'warning' | 'failed'
  readonly found: string
  readonly hint?: string
}

/** Looks at this machine and, where there is one, at the project a folder belongs to. */
export async function examine(directory: string): Promise<readonly Check[]> {
  const folder = projectOf(directory)
  const isOurs = folder !== undefined && hasStore(folder) && mayWrite(folder)
  const scratch = isOurs ? folder.scratch : tmpdir()
  return [
    nodeCheck(),
    { name: 'cores', state: 'ok', found: String(availableParallelism()) },
    await diskCheck(folder?.directory ?? directory),
    await syncCheck(scratch),
    clockCheck(),
    await sandboxCheck(scratch),
    ...projectChecks(folder, directory),
  ]
}

function projectOf(directory: string): ProjectFolder | undefined {
  try {
    return findProject(directory)
  } catch {
    return undefined
  }
}

function nodeCheck(): Check {
  const version = process.versions.node
  const [major = 0, minor = 0] = version.split('.').map(Number)
  const good = major > 22 || (major === 22 && minor >= 18)
  const check = { name: 'node', found: version } as const
  return good
    ? { ...check, state: 'ok' }
    : { ...check, state: 'failed', hint: 'Varve needs Node 22.18 or newer.' }
}

const lowDisk = 1 << 30

async function diskCheck(directory: string): Promise<Check> {
  try {
    const { bavail, bsize } = await statfs(directory)
    const free = bavail * bsize
    const found = `${(free / 2 ** 30).toFixed(1)} GiB free`
    if (free >= lowDisk) return { name: 'disk', state: 'ok', found }
    return { name: 'disk', state: 'warning', found, hint: 'Free some space, or run `varve gc`.' }
  } catch (error) {
    return { name: 'disk', state: 'failed', found: String(error), hint: 'Check the folder.' }
  }
}

/** A disk that answers a sync in no time has not written: a power cut could lose what was promised. */
async function syncCheck(scratch: string): Promise<Check> {
  const file = join(scratch, `doctor-${systemRandom.uuidHex()}`)
  try {
    await mkdir(scratch, { recursive: true })
    const handle = await open(file, 'wx')
    await handle.writeFile('x'.repeat(4096))
    const startedAt = process.hrtime.bigint()
    await handle.sync()
    const ms = Number(process.hrtime.bigint() - startedAt) / 1e6
    await handle.close()
    const found = `a sync takes ${ms.toFixed(2)} ms`
    return ms > 0.02
      ? { name: 'fsync', state: 'ok', found }
      : { name: 'fsync', state: 'warning', found, hint: 'This disk may not be written through.' }
  } catch (error) {
    return { name: 'fsync', state: 'failed', found: String(error), hint: 'Check permissions.' }
  } finally {
    await rm(file, { force: true })
  }
}

const releaseYear = 2025

function clockCheck(): Check {
  const now = new Date(systemClock.now())
  const found = now.toISOString()
  if (now.getUTCFullYear() >= releaseYear) return { name: 'clock', state: 'ok', found }
  return { name: 'clock', state: 'failed', found, hint: 'Set the clock: commits carry its time.' }
}

async function sandboxCheck(scratch: string): Promise<Check> {
  const { openSandbox } = await import('../sandbox/index.ts')
  try {
    const options = { mode: 'auto', scratch, clock: systemClock, random: systemRandom } as const
    const sandbox = await openSandbox(options)
    await sandbox.close()
    const [warning] = sandbox.warnings
    return warning === undefined
      ? { name: 'sandbox', state: 'ok', found: sandbox.kind }
      : { name: 'sandbox', state: 'warning', found: sandbox.kind, hint: warning }
  } catch (error) {
    return { name: 'sandbox', state: 'failed', found: String(error), hint: 'Commands cannot run.' }
  }
}

function projectChecks(folder: ProjectFolder | undefined, directory: string): Check[] {
  if (folder === undefined) {
    const hint = 'Run `varve init` to make one.'
    return [{ name: 'project', state: 'warning', found: `none at ${directory}`, hint }]
  }
  const checks: Check[] = [{ name: 'project', state: 'ok', found: folder.directory }]
  if (!hasStore(folder)) {
    return [
      ...checks,
      { name: 'store', state: 'warning', found: 'none', hint: 'Run `varve apply`.' },
    ]
  }
  checks.push(formatCheck(folder), accessCheck(folder))
  const hasIndex = existsSync(folder.index)
  checks.push(
    hasIndex
      ? { name: 'index', state: 'ok', found: folder.index }
      : { name: 'index', state: 'warning', found: 'none', hint: 'Run `varve reindex`.' },
  )
  checks.push({ name: 'writer', state: 'ok', found: writerOf(folder) ?? 'nobody writes' })
  return checks
}

function accessCheck(folder: ProjectFolder): Check {
  try {
    checkWriteAccess(folder)
    return { name: 'access', state: 'ok', found: 'this user may write' }
  } catch (error) {
    if (!isVarveError(error)) throw error
    return { name: 'access', state: 'warning', found: error.message, hint: error.next }
  }
}

function formatCheck(folder: ProjectFolder): Check {
  try {
    checkFormat(folder)
    return { name: 'format', state: 'ok', found: 'known to this Varve' }
  } catch (error) {
    const hint = isVarveError(error) ? error.next : 'Check the permissions.'
    return { name: 'format', state: 'failed', found: String(error), hint }
  }
}
