/** Every verb with what it is for, in the order of `varve help`. */
export const verbGroups = [
  {
    title: 'A project',
    verbs: [
      { name: 'init', summary: 'make a project in this folder, empty or from a template' },
      { name: 'apply', summary: 'create and update what varve.yaml declares' },
      { name: 'run', summary: 'run every job that is due; `run cron` ticks a cron input' },
      { name: 'status', summary: 'what there is and what is not up to date' },
      { name: 'plan', summary: 'what a run would do, and why, without doing it' },
      { name: 'why', summary: 'why a datum or a job ran or did not, and where a file came from' },
      { name: 'draw', summary: 'the graph of repos and pipelines, as text or Mermaid' },
      { name: 'logs', summary: 'what the commands of a job or a datum printed' },
    ],
  },
  {
    title: 'Things: create, look, change, remove',
    verbs: [
      { name: 'create', summary: 'repo, branch, pipeline, project, secret, tag' },
      {
        name: 'list',
        summary: 'repo, branch, commit, file, pipeline, job, datum, project, secret, tag, item',
      },
      { name: 'inspect', summary: 'one of them, in full' },
      { name: 'update', summary: 'repo, pipeline, project' },
      { name: 'edit', summary: 'a pipeline, in your editor' },
      { name: 'validate', summary: 'a pipeline spec, without creating anything' },
      {
        name: 'delete',
        summary: 'repo, branch, commit, file, pipeline, job, project, secret, tag, all',
      },
    ],
  },
  {
    title: 'Files',
    verbs: [
      { name: 'put', summary: 'files, folders, URLs, an archive or stdin into a repo' },
      { name: 'get', summary: 'a file to stdout, or a folder to disk' },
      { name: 'copy', summary: 'a file or folder from any commit to a branch; moves no bytes' },
      { name: 'glob', summary: 'the files and folders a pattern matches' },
      { name: 'diff', summary: 'what changed between two commits' },
      { name: 'find', summary: 'the commits that changed a path' },
      { name: 'verify', summary: 'a proof that a commit holds a file; needs no project' },
    ],
  },
  {
    title: 'From URLs, and to those who train',
    verbs: [
      { name: 'download', summary: 'a list of URLs into shards, as img2dataset does' },
      { name: 'enqueue', summary: 'a list of URLs onto the queue of a repo' },
      { name: 'service', summary: 'fetches what is queued into a repo, until stopped' },
      { name: 'retry', summary: 'rows that failed onto the queue again' },
      { name: 'materialize', summary: 'a commit as shards, tables, files, a manifest or a stream' },
    ],
  },
  {
    title: 'Versions',
    verbs: [
      { name: 'start', summary: 'commit, pipeline, transaction' },
      { name: 'finish', summary: 'commit, transaction' },
      { name: 'log', summary: 'the commits of a branch, newest first' },
      { name: 'merge', summary: 'one branch into another' },
      { name: 'tag', summary: 'a name that stays with one commit' },
      { name: 'squash', summary: 'a commit or a set away, its changes kept in its children' },
      { name: 'wait', summary: 'for a commit or a job to finish, running what is due' },
      { name: 'subscribe', summary: 'to the commits of a branch as they finish' },
    ],
  },
  {
    title: 'Jobs',
    verbs: [
      { name: 'stop', summary: 'job, pipeline, transaction' },
      { name: 'restart', summary: 'datums of a job' },
      { name: 'rerun', summary: 'a pipeline on its present inputs' },
      { name: 'resume', summary: 'a transaction' },
      { name: 'next', summary: 'datum: used by commands with datum_batching' },
    ],
  },
  {
    title: 'The store',
    verbs: [
      { name: 'fsck', summary: 'check the store; --read-data reads every byte' },
      { name: 'reindex', summary: 'rebuild the index from the segments alone' },
      { name: 'repair', summary: 'bring a damaged store back to work' },
      { name: 'gc', summary: 'give back the space of what nothing refers to' },
      { name: 'doctor', summary: 'check this machine and this project' },
    ],
  },
  {
    title: 'This program',
    verbs: [
      { name: 'operators', summary: 'the built-in operators and their parameters' },
      { name: 'config', summary: 'contexts: which project names belong to' },
      { name: 'completion', summary: 'completion for bash, zsh or fish' },
      { name: 'version', summary: 'the version of Varve' },
    ],
  },
] as const

export type VerbName = (typeof verbGroups)[number]['verbs'][number]['name']

export const verbNames: readonly VerbName[] = verbGroups.flatMap((group) =>
  group.verbs.map(({ name }) => name),
)
