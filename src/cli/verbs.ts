import type { Command } from 'commander'
import type { Cli } from './cli.ts'

export type MakeCommand = (cli: Cli) => Command

interface Verb {
  readonly name: string
  readonly summary: string
  /** Imports the verb's file: a start pays for the one verb it runs. */
  readonly load: () => Promise<MakeCommand>
}

export interface VerbGroup {
  readonly title: string
  readonly verbs: readonly Verb[]
}

export const verbGroups: readonly VerbGroup[] = [
  {
    title: 'A project',
    verbs: [
      {
        name: 'init',
        summary: 'make a project in this folder, empty or from a template',
        load: async () => (await import('./commands/init.ts')).init,
      },
      {
        name: 'apply',
        summary: 'create and update what varve.yaml declares',
        load: async () => (await import('./commands/apply.ts')).apply,
      },
      {
        name: 'run',
        summary: 'run every job that is due; `run cron` ticks a cron input',
        load: async () => (await import('./commands/run.ts')).run,
      },
      {
        name: 'status',
        summary: 'what there is and what is not up to date',
        load: async () => (await import('./commands/status.ts')).status,
      },
      {
        name: 'plan',
        summary: 'what a run would do, and why, without doing it',
        load: async () => (await import('./commands/plan.ts')).plan,
      },
      {
        name: 'why',
        summary: 'why a datum or a job ran or did not, and where a file came from',
        load: async () => (await import('./commands/why.ts')).why,
      },
      {
        name: 'draw',
        summary: 'the graph of repos and pipelines, as text or Mermaid',
        load: async () => (await import('./commands/draw.ts')).draw,
      },
      {
        name: 'logs',
        summary: 'what the commands of a job or a datum printed',
        load: async () => (await import('./commands/logs.ts')).logs,
      },
    ],
  },
  {
    title: 'Things: create, look, change, remove',
    verbs: [
      {
        name: 'create',
        summary: 'repo, branch, pipeline, project, secret, tag',
        load: async () => (await import('./commands/create.ts')).create,
      },
      {
        name: 'list',
        summary: 'repo, branch, commit, file, pipeline, job, datum, project, secret, tag',
        load: async () => (await import('./commands/list.ts')).list,
      },
      {
        name: 'inspect',
        summary: 'one of them, in full',
        load: async () => (await import('./commands/inspect.ts')).inspect,
      },
      {
        name: 'update',
        summary: 'repo, pipeline, project',
        load: async () => (await import('./commands/update.ts')).update,
      },
      {
        name: 'edit',
        summary: 'a pipeline, in your editor',
        load: async () => (await import('./commands/edit.ts')).edit,
      },
      {
        name: 'validate',
        summary: 'a pipeline spec, without creating anything',
        load: async () => (await import('./commands/validate.ts')).validate,
      },
      {
        name: 'delete',
        summary: 'repo, branch, commit, file, pipeline, job, project, secret, tag, all',
        load: async () => (await import('./commands/delete.ts')).deleteVerb,
      },
    ],
  },
  {
    title: 'Files',
    verbs: [
      {
        name: 'put',
        summary: 'files, folders, URLs, an archive or stdin into a repo',
        load: async () => (await import('./commands/put.ts')).put,
      },
      {
        name: 'get',
        summary: 'a file to stdout, or a folder to disk',
        load: async () => (await import('./commands/get.ts')).get,
      },
      {
        name: 'copy',
        summary: 'a file or folder from any commit to a branch; moves no bytes',
        load: async () => (await import('./commands/copy.ts')).copy,
      },
      {
        name: 'glob',
        summary: 'the files and folders a pattern matches',
        load: async () => (await import('./commands/glob.ts')).glob,
      },
      {
        name: 'diff',
        summary: 'what changed between two commits',
        load: async () => (await import('./commands/diff.ts')).diff,
      },
      {
        name: 'find',
        summary: 'the commits that changed a path',
        load: async () => (await import('./commands/find.ts')).find,
      },
    ],
  },
  {
    title: 'Versions',
    verbs: [
      {
        name: 'start',
        summary: 'commit, pipeline, transaction',
        load: async () => (await import('./commands/start.ts')).start,
      },
      {
        name: 'finish',
        summary: 'commit, transaction',
        load: async () => (await import('./commands/finish.ts')).finish,
      },
      {
        name: 'log',
        summary: 'the commits of a branch, newest first',
        load: async () => (await import('./commands/log.ts')).log,
      },
      {
        name: 'merge',
        summary: 'one branch into another',
        load: async () => (await import('./commands/merge.ts')).merge,
      },
      {
        name: 'tag',
        summary: 'a name that stays with one commit',
        load: async () => (await import('./commands/tag.ts')).tag,
      },
      {
        name: 'squash',
        summary: 'a commit set away, its changes kept in its children',
        load: async () => (await import('./commands/squash.ts')).squash,
      },
      {
        name: 'wait',
        summary: 'for a commit or a job to finish, running what is due',
        load: async () => (await import('./commands/wait.ts')).wait,
      },
      {
        name: 'subscribe',
        summary: 'to the commits of a branch as they finish',
        load: async () => (await import('./commands/subscribe.ts')).subscribe,
      },
    ],
  },
  {
    title: 'Jobs',
    verbs: [
      {
        name: 'stop',
        summary: 'job, pipeline, transaction',
        load: async () => (await import('./commands/stop.ts')).stop,
      },
      {
        name: 'restart',
        summary: 'datums of a job',
        load: async () => (await import('./commands/restart.ts')).restart,
      },
      {
        name: 'rerun',
        summary: 'a pipeline on its present inputs',
        load: async () => (await import('./commands/rerun.ts')).rerun,
      },
      {
        name: 'resume',
        summary: 'a transaction',
        load: async () => (await import('./commands/resume.ts')).resume,
      },
      {
        name: 'next',
        summary: 'datum: used by commands with datum_batching',
        load: async () => (await import('./commands/next.ts')).next,
      },
    ],
  },
  {
    title: 'The store',
    verbs: [
      {
        name: 'fsck',
        summary: 'check the store; --read-data reads every byte',
        load: async () => (await import('./commands/fsck.ts')).fsck,
      },
      {
        name: 'reindex',
        summary: 'rebuild the index from the segments alone',
        load: async () => (await import('./commands/reindex.ts')).reindex,
      },
      {
        name: 'repair',
        summary: 'bring a damaged store back to work',
        load: async () => (await import('./commands/repair.ts')).repair,
      },
      {
        name: 'gc',
        summary: 'give back the space of what nothing refers to',
        load: async () => (await import('./commands/gc.ts')).gc,
      },
      {
        name: 'doctor',
        summary: 'check this machine and this project',
        load: async () => (await import('./commands/doctor.ts')).doctor,
      },
    ],
  },
  {
    title: 'This program',
    verbs: [
      {
        name: 'operators',
        summary: 'the built-in operators and their parameters',
        load: async () => (await import('./commands/operators.ts')).operators,
      },
      {
        name: 'config',
        summary: 'contexts: which project names belong to',
        load: async () => (await import('./commands/config.ts')).config,
      },
      {
        name: 'completion',
        summary: 'completion for bash, zsh or fish',
        load: async () => (await import('./commands/completion.ts')).completion,
      },
      {
        name: 'version',
        summary: 'the version of Varve',
        load: async () => (await import('./commands/version.ts')).version,
      },
    ],
  },
]

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
])

export function findVerb(name: string): Verb | undefined {
  if (notNeeded.has(name)) {
    const load = async (): Promise<MakeCommand> =>
      (await import('./commands/not-needed.ts')).notNeeded(name)
    return { name, summary: 'not needed', load }
  }
  return verbGroups.flatMap((group) => group.verbs).find((verb) => verb.name === name)
}

export function verbNames(): string[] {
  return verbGroups.flatMap((group) => group.verbs.map((verb) => verb.name))
}
