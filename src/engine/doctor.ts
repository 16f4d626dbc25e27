import { mkdir, open, rm, statfs } from 'node:fs/promises'
import { availableParallelism, tmpdir } from 'node:os'
import { join } from 'node:path'
import { isVarveError } from '../model/index.ts'
import { messageOf, systemClock, systemRandom } from '../util/index.ts'
import type { SandboxSurvey } from '../sandbox/index.ts'
import type { Check } from './check.ts'
import { projectChecks } from './doctor-project.ts'
import { findProject, hasStore, type ProjectFolder } from './project-folder.ts'
import { sandboxMode } from './sandbox-mode.ts'
import { mayWrite } from './write-access.ts'

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
    ...(await sandboxChecks(scratch)),
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

async function sandboxChecks(scratch: string): Promise<readonly Check[]> {
  const { surveySandbox } = await import('../sandbox/index.ts')
  try {
    const mode = sandboxMode()
    const survey = await surveySandbox({ mode, scratch, random: systemRandom })
    return [sandboxCheck(survey, mode), cgroupCheck(survey)]
  } catch (error) {
    const hint = isVarveError(error) ? error.next : 'Commands cannot run.'
    return [{ name: 'sandbox', state: 'failed', found: messageOf(error), hint }]
  }
}

function sandboxCheck({ kind, passedOver }: SandboxSurvey, mode: string): Check {
  const reason = passedOver.length === 0 ? 'it works here' : passedOver.join('; ')
  const why = mode === 'auto' ? reason : 'VARVE_SANDBOX asks for it'
  const check = { name: 'sandbox', found: `${kind}: ${why}` } as const
  if (kind !== 'plain') return { ...check, state: 'ok' }
  const hint = 'Commands can reach your files and the network; see docs/sandbox.md.'
  return { ...check, state: 'warning', hint }
}

function cgroupCheck({ cgroups, makesCgroups }: SandboxSurvey): Check {
  const version = cgroups === undefined ? 'none' : `version ${cgroups}`
  if (makesCgroups) return { name: 'cgroups', state: 'ok', found: `${version}, writable` }
  const found = cgroups === undefined ? version : `${version}, not writable by this user`
  const hint = 'Memory is limited by process, and the number of processes is not limited.'
  return { name: 'cgroups', state: 'warning', found, hint }
}
