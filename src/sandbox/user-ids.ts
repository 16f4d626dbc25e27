import { readFileSync } from 'node:fs'

/** Numeric user and group of a user name or `uid[:gid]`; nothing for no or an unknown name. */
export function userIds(user: string | undefined): { uid: number; gid: number } | undefined {
  if (user === undefined || user === '') return undefined
  const [, uid, gid] = /^(\d+)(?::(\d+))?$/.exec(user) ?? []
  if (uid !== undefined) return { uid: Number(uid), gid: Number(gid ?? uid) }
  for (const line of readFileSync('/etc/passwd', 'utf8').split('\n')) {
    const [name, , uidText, gidText] = line.split(':')
    if (name === user) return { uid: Number(uidText), gid: Number(gidText) }
  }
  return undefined
}
