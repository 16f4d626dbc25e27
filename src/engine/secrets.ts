import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { checkName, VarveError } from '../model/index.ts'
import { systemCode, type Clock } from '../util/index.ts'
import type { ProjectFolder } from './project-folder.ts'
import { writeWhole } from './write-whole.ts'

/** Names and keys; values are never listed. */
export interface SecretInfo {
  readonly name: string
  readonly keys: readonly string[]
  readonly createdAt: number
}

/**
 * Secrets of this machine, in `.varve/secrets.json` (mode 0600). They are no part of the store, so
 * that no copy of a store carries them.
 */
export interface Secrets {
  create(name: string, values: Readonly<Record<string, string>>): Promise<SecretInfo>
  list(): Promise<readonly SecretInfo[]>
  inspect(name: string): Promise<SecretInfo>
  delete(name: string): Promise<void>
  /** One value; `SECRET_NOT_FOUND`. */
  value(name: string, key: string): Promise<string>
}

interface StoredSecret {
  readonly createdAt: number
  readonly values: Readonly<Record<string, string>>
}

/** Every value by name and key, for the commands of this machine. */
export function readSecretValues(
  folder: ProjectFolder,
): Readonly<Record<string, Readonly<Record<string, string>>>> {
  const secrets = Object.entries(readStored(folder))
  return Object.fromEntries(secrets.map(([name, { values }]) => [name, values]))
}

function readStored(folder: ProjectFolder): Record<string, StoredSecret> {
  const file = secretsFile(folder)
  try {
    return JSON.parse(readFileSync(file, 'utf8')) as Record<string, StoredSecret>
  } catch (error) {
    if (systemCode(error) === 'ENOENT') return {}
    throw new VarveError('IO_FAILED', { what: `Cannot read ${file}.`, cause: error })
  }
}

function secretsFile(folder: ProjectFolder): string {
  return join(folder.store, 'secrets.json')
}

export function openSecrets(folder: ProjectFolder, clock: Clock): Secrets {
  const load = (): Record<string, StoredSecret> => readStored(folder)
  const save = async (secrets: Record<string, StoredSecret>): Promise<void> =>
    writeWhole(secretsFile(folder), `${JSON.stringify(secrets, undefined, 2)}\n`, 0o600)
  const get = async (name: string): Promise<StoredSecret> => {
    const secret = load()[name]
    if (secret !== undefined) return secret
    throw new VarveError('SECRET_NOT_FOUND', {
      what: `There is no secret "${name}".`,
      data: { secret: name },
    })
  }
  return {
    create: async (name, values) => {
      checkName('tag', name)
      for (const key of Object.keys(values)) checkKey(name, key)
      const secret = { createdAt: clock.now(), values }
      await save({ ...load(), [name]: secret })
      return infoOf(name, secret)
    },
    list: async () => Object.entries(load()).map(([name, secret]) => infoOf(name, secret)),
    inspect: async (name) => infoOf(name, await get(name)),
    delete: async (name) => {
      await get(name)
      const { [name]: _, ...rest } = load()
      await save(rest)
    },
    value: async (name, key) => {
      const value = (await get(name)).values[key]
      if (value !== undefined) return value
      throw new VarveError('SECRET_NOT_FOUND', {
        what: `The secret "${name}" has no key "${key}".`,
        data: { secret: name, key },
      })
    },
  }
}

/** Every key can become a file below a `mount_path`; the rule is that of Kubernetes. */
function checkKey(secret: string, key: string): void {
  if (/^[-.\w]+$/.test(key) && key !== '.' && key !== '..') return
  throw new VarveError('NAME_INVALID', {
    what: `The key "${key}" of the secret "${secret}" cannot be the name of a file.`,
    next: 'Use letters, digits, "-", "_" and ".".',
    data: { secret, key },
  })
}

function infoOf(name: string, { createdAt, values }: StoredSecret): SecretInfo {
  return { name, keys: Object.keys(values), createdAt }
}
