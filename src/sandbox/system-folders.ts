import { readdirSync, readlinkSync } from 'node:fs'

/** Top-level folders that are private, made anew or none of a command's business. */
const REPLACED = new Set(['pfs', 'tmp', 'proc', 'dev', 'sys', 'run', 'lost+found', 'mnt', 'media'])

export interface SystemFolders {
  readonly folders: readonly string[]
  readonly links: readonly (readonly [target: string, path: string])[]
}

/** The machine's own folders, looked at once. Links such as `/bin` stay links. */
export function systemFolders(): SystemFolders {
  const folders: string[] = []
  const links: [string, string][] = []
  for (const entry of readdirSync('/', { withFileTypes: true })) {
    if (REPLACED.has(entry.name)) continue
    const path = `/${entry.name}`
    if (entry.isSymbolicLink()) links.push([readlinkSync(path), path])
    else if (entry.isDirectory()) folders.push(path)
  }
  return { folders, links }
}
