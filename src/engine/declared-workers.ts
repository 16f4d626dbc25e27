import { existsSync, readFileSync } from 'node:fs'

/**
 * `settings.workers` of the project file; undefined when it says nothing. A file without the word is
 * not read further: the spec reader takes as long to load as a short run.
 */
export async function declaredWorkers(projectFile: string): Promise<number | undefined> {
  if (!existsSync(projectFile)) return undefined
  if (!readFileSync(projectFile, 'utf8').includes('workers')) return undefined
  const { readProjectFile } = await import('./read-project-file.ts')
  return (await readProjectFile(projectFile)).workers
}
