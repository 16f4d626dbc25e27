import { findProject } from './project-folder.ts'
import { readSettings } from './settings.ts'

/** The project that names without one belong to; undefined where it is `default`. */
export function activeProject(directory: string): string | undefined {
  try {
    return readSettings(findProject(directory)).project
  } catch {
    return undefined
  }
}
