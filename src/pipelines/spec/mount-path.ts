import { z } from 'zod'

/** Folders a sandbox makes for itself, in which nothing else can be shown. */
const taken = ['/pfs', '/proc', '/dev', '/run/varve']

/** A path at which a command is shown something of this machine. */
export const mountPath = z.string().superRefine((path, context) => {
  const message = mountPathFault(path)
  if (message !== undefined) context.addIssue({ code: 'custom', message })
})

/** Why nothing can be mounted at a path, and which to choose; undefined when it can. */
export function mountPathFault(path: string): string | undefined {
  const names = path.replace(/\/$/, '').split('/')
  if (names.shift() !== '' || names.length === 0) {
    return `"${path}" must be an absolute path below "/", such as "/run/secrets/NAME"`
  }
  if (names.some((name) => ['', '.', '..'].includes(name) || name.includes('\0'))) {
    return `"${path}" must have no empty, "." or ".." part; write the path out`
  }
  const folder = taken.find((own) => path === own || path.startsWith(`${own}/`))
  if (folder === undefined) return undefined
  return `"${path}" lies in ${folder}, which every command has of its own; choose a path such as "/run/secrets/NAME"`
}
