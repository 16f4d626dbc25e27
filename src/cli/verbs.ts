import { VarveError } from '../model/index.ts'
import type { MakeCommand } from './cli.ts'
import type { VerbName } from './verb-list.ts'

/** Imports the file of one verb: a start pays for the verb it runs and for no other. */
const loaders: Readonly<Record<VerbName, () => Promise<MakeCommand>>> = {
  init: async () => (await import('./commands/init.ts')).init,
  apply: async () => (await import('./commands/apply.ts')).apply,
  run: async () => (await import('./commands/run.ts')).run,
  status: async () => (await import('./commands/status.ts')).status,
  plan: async () => (await import('./commands/plan.ts')).plan,
  why: async () => (await import('./commands/why.ts')).why,
  draw: async () => (await import('./commands/draw.ts')).draw,
  logs: async () => (await import('./commands/logs.ts')).logs,
  create: async () => (await import('./commands/create.ts')).create,
  list: async () => (await import('./commands/list.ts')).list,
  inspect: async () => (await import('./commands/inspect.ts')).inspect,
  update: async () => (await import('./commands/update.ts')).update,
  edit: async () => (await import('./commands/edit.ts')).edit,
  validate: async () => (await import('./commands/validate.ts')).validate,
  delete: async () => (await import('./commands/delete.ts')).deleteVerb,
  put: async () => (await import('./commands/put.ts')).put,
  get: async () => (await import('./commands/get.ts')).get,
  copy: async () => (await import('./commands/copy.ts')).copy,
  glob: async () => (await import('./commands/glob.ts')).glob,
  diff: async () => (await import('./commands/diff.ts')).diff,
  find: async () => (await import('./commands/find.ts')).find,
  verify: async () => (await import('./commands/verify.ts')).verify,
  download: async () => (await import('./commands/download.ts')).download,
  enqueue: async () => (await import('./commands/enqueue.ts')).enqueue,
  service: async () => (await import('./commands/service.ts')).service,
  retry: async () => (await import('./commands/retry.ts')).retry,
  materialize: async () => (await import('./commands/materialize.ts')).materialize,
  start: async () => (await import('./commands/start.ts')).start,
  finish: async () => (await import('./commands/finish.ts')).finish,
  log: async () => (await import('./commands/log.ts')).log,
  merge: async () => (await import('./commands/merge.ts')).merge,
  tag: async () => (await import('./commands/tag.ts')).tag,
  squash: async () => (await import('./commands/squash.ts')).squash,
  wait: async () => (await import('./commands/wait.ts')).wait,
  subscribe: async () => (await import('./commands/subscribe.ts')).subscribe,
  stop: async () => (await import('./commands/stop.ts')).stop,
  restart: async () => (await import('./commands/restart.ts')).restart,
  rerun: async () => (await import('./commands/rerun.ts')).rerun,
  resume: async () => (await import('./commands/resume.ts')).resume,
  next: async () => (await import('./commands/next.ts')).next,
  fsck: async () => (await import('./commands/fsck.ts')).fsck,
  reindex: async () => (await import('./commands/reindex.ts')).reindex,
  repair: async () => (await import('./commands/repair.ts')).repair,
  gc: async () => (await import('./commands/gc.ts')).gc,
  doctor: async () => (await import('./commands/doctor.ts')).doctor,
  operators: async () => (await import('./commands/operators.ts')).operators,
  config: async () => (await import('./commands/config.ts')).config,
  completion: async () => (await import('./commands/completion.ts')).completion,
  version: async () => (await import('./commands/version.ts')).version,
}

/** Words of pachctl that a cluster needs and Varve does not. */
const notNeeded: ReadonlySet<string> = new Set([
  'auth',
  'enterprise',
  'license',
  'idp',
  'port-forward',
  'connect',
  'deploy',
  'undeploy',
  'kube-events',
  'snapshot',
  'mount',
  'unmount',
  'shell',
  'debug',
  'buildinfo',
  'exit',
  'misc',
])

/** Words of pachctl that have another name here. */
const renamed: Readonly<Record<string, string>> = {
  check: 'status',
  logs2: 'logs',
  loki: 'logs',
  'garbage-collect': 'gc',
  dash: 'status',
}

export function findVerb(name: string): (() => Promise<MakeCommand>) | undefined {
  if (Object.hasOwn(loaders, name)) return loaders[name as VerbName]
  const word = Object.hasOwn(renamed, name) ? renamed[name] : undefined
  if (word !== undefined) return async () => () => otherWord(name, word)
  if (!notNeeded.has(name)) return undefined
  return async () => (await import('./commands/not-needed.ts')).notNeeded(name)
}

function otherWord(name: string, word: string): never {
  throw new VarveError('USAGE', {
    what: `"${name}" is not a command of Varve; what it is for, \`varve ${word}\` does.`,
    next: `Run \`varve ${word} --help\`.`,
    data: { verb: name, nearest: word },
  })
}
