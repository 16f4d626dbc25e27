import { existsSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'

/**
 * The project that names without one belong to, as `config update context` noted it; undefined for
 * `default`. Read here and not by the library, which would cost every command its loading.
 */
export function activeProject(start: string): string | undefined {
  for (let directory = start; ; directory = dirname(directory)) {
    const file = join(directory, '.varve', 'settings.json')
    if (existsSync(file)) return projectIn(file)
    if (dirname(directory) === directory) return undefined
  }
}

function projectIn(file: string): string | undefined {
  try {
    return (JSON.parse(readFileSync(file, 'utf8')) as { project?: string }).project
  } catch {
    return undefined
  }
}
