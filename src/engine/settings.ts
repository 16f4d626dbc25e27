import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { ProjectFolder } from './project-folder.ts'
import { writeWhole } from './write-whole.ts'

/** What this checkout remembers between commands. Not part of the store: losing it loses no data. */
export interface Settings {
  /** The open transaction of the command line. */
  transaction(): Promise<string | undefined>
  setTransaction(id: string | undefined): Promise<void>
  /** The project that names without one belong to. */
  project(): Promise<string | undefined>
  setProject(name: string): Promise<void>
}

interface SettingsFile {
  readonly transaction?: string
  readonly project?: string
}

export function openSettings(folder: ProjectFolder): Settings {
  const file = join(folder.store, 'settings.json')
  const change = async (part: Record<string, string | undefined>): Promise<void> =>
    writeWhole(file, `${JSON.stringify({ ...readSettings(folder), ...part }, undefined, 2)}\n`)
  return {
    transaction: async () => readSettings(folder).transaction,
    setTransaction: async (id) => change({ transaction: id }),
    project: async () => readSettings(folder).project,
    setProject: async (name) => change({ project: name }),
  }
}

export function readSettings(folder: ProjectFolder): SettingsFile {
  try {
    return JSON.parse(readFileSync(join(folder.store, 'settings.json'), 'utf8')) as SettingsFile
  } catch {
    return {}
  }
}
