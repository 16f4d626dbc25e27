import { readFileSync, rmSync, writeFileSync } from 'node:fs'
import { hostname, uptime } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { VarveError } from '../model/index.ts'
import { systemClock, systemCode, type Clock } from '../util/index.ts'
import { indexError } from './index-error.ts'

export interface LockOwner {
  readonly pid: number
  readonly host: string
  readonly command: string
  /** Milliseconds since the Unix epoch. */
  readonly since: number
  /** It lets go of the lock by itself before long, and comes back: waiting for it is worth while. */
  readonly givesWay?: boolean
}

const lockFile = 'writer.lock'
const ownerFile = 'writer.json'
/** SQLite result codes of a lock that somebody else holds. */
const busyCodes: ReadonlySet<unknown> = new Set([5, 6])

/**
 * The right to write to a store: an exclusive transaction on an otherwise unused SQLite file, that
 * is, an operating system's lock that vanishes with its process however it ends.
 */
export class WriterLock {
  readonly #directory: string
  readonly #database: DatabaseSync

  private constructor(directory: string, database: DatabaseSync) {
    this.#directory = directory
    this.#database = database
  }

  /** Takes the lock at once or throws `STORE_LOCKED` naming its owner. */
  static take(directory: string, clock: Clock, givesWay = false): WriterLock {
    const path = join(directory, lockFile)
    return indexError(path, () => {
      const database = new DatabaseSync(path, { timeout: 0 })
      try {
        database.exec('BEGIN EXCLUSIVE')
        writeOwner(directory, clock, givesWay)
        return new WriterLock(directory, database)
      } catch (error) {
        database.close()
        throw isBusy(error) ? lockedBy(directory, readOwner(directory)) : error
      }
    })
  }

  release(): void {
    if (!this.#database.isOpen) return
    rmSync(join(this.#directory, ownerFile), { force: true })
    this.#database.close()
  }
}

/** Who holds the lock, as far as the owner's note says; the note may outlive a killed process. */
export function readOwner(directory: string): LockOwner | undefined {
  try {
    return JSON.parse(readFileSync(join(directory, ownerFile), 'utf8')) as LockOwner
  } catch {
    return undefined
  }
}

/**
 * Whether the process that the owner's note names still runs on this machine. Asks no lock, because
 * looking at one would hinder a writer that takes it.
 */
export function isWriterAlive(directory: string): boolean {
  const owner = readOwner(directory)
  if (owner === undefined || owner.host !== hostname()) return false
  const bootedAt = systemClock.now() - uptime() * 1000
  if (owner.since < bootedAt) return false
  try {
    process.kill(owner.pid, 0)
    return true
  } catch (error) {
    // It runs, and belongs to somebody else.
    return systemCode(error) === 'EPERM'
  }
}

function writeOwner(directory: string, clock: Clock, givesWay: boolean): void {
  const owner: LockOwner = {
    pid: process.pid,
    host: hostname(),
    command: process.argv.slice(1).join(' '),
    since: clock.now(),
    ...(givesWay ? { givesWay } : {}),
  }
  writeFileSync(join(directory, ownerFile), `${JSON.stringify(owner)}\n`)
}

function isBusy(error: unknown): boolean {
  return error instanceof Error && 'errcode' in error && busyCodes.has(Number(error.errcode) & 0xff)
}

function lockedBy(directory: string, owner: LockOwner | undefined): VarveError {
  const who =
    owner === undefined
      ? 'an unknown process'
      : `process ${owner.pid} on ${owner.host} (${owner.command}), since ${new Date(owner.since).toISOString()}`
  return new VarveError('STORE_LOCKED', {
    what: `The store in ${directory} is being written by ${who}.`,
    data: { directory, owner },
  })
}
