import { verbGroups } from './verb-list.ts'
import { unreachable } from '../util/index.ts'

export const shells = ['bash', 'zsh', 'fish'] as const
type Shell = (typeof shells)[number]

export function isShell(text: string): text is Shell {
  return (shells as readonly string[]).includes(text)
}

const nouns = [
  'repo',
  'branch',
  'commit',
  'file',
  'pipeline',
  'job',
  'datum',
  'project',
  'secret',
  'transaction',
]

const subjects: Readonly<Record<string, readonly string[]>> = {
  create: ['repo', 'branch', 'pipeline', 'project', 'secret', 'tag'],
  list: [...nouns, 'tag', 'item'],
  inspect: nouns,
  update: ['repo', 'pipeline', 'project'],
  delete: [...nouns.filter((noun) => noun !== 'datum'), 'tag', 'all'],
  edit: ['pipeline'],
  validate: ['pipeline'],
  put: ['file'],
  get: ['file'],
  copy: ['file'],
  glob: ['file'],
  diff: ['file'],
  find: ['commit'],
  start: ['commit', 'pipeline', 'transaction'],
  finish: ['commit', 'transaction'],
  squash: ['commit'],
  wait: ['commit', 'job'],
  subscribe: ['commit'],
  stop: ['job', 'pipeline', 'transaction'],
  restart: ['datum'],
  rerun: ['pipeline'],
  resume: ['transaction'],
  next: ['datum'],
  run: ['cron'],
  draw: ['pipeline'],
  config: ['get', 'set', 'update', 'list'],
  completion: shells,
}

/** A script for a shell: verbs, then their subjects, then names asked from the project itself. */
export function completionScript(shell: Shell): string {
  switch (shell) {
    case 'bash':
      return bash()
    case 'zsh':
      return `#compdef varve\nautoload -U +X bashcompinit && bashcompinit\n${bash()}`
    case 'fish':
      return fish()
    default:
      return unreachable(shell)
  }
}

function bash(): string {
  const verbs = verbGroups.flatMap((group) => group.verbs.map(({ name }) => name))
  const cases = Object.entries(subjects).map(
    ([verb, words]) => `      ${verb}) words="${words.join(' ')}" ;;`,
  )
  return `_varve_repos() {
  varve list repo --raw 2>/dev/null | sed -n 's/^    "name": "\\(.*\\)",$/\\1/p'
}
_varve_pipelines() {
  varve list pipeline --raw 2>/dev/null | sed -n 's/^    "name": "\\(.*\\)"$/\\1/p'
}
_varve() {
  local current="\${COMP_WORDS[COMP_CWORD]}" words=""
  case "$COMP_CWORD" in
    1) words="${verbs.join(' ')}" ;;
    2) case "\${COMP_WORDS[1]}" in
${cases.join('\n')}
      log|merge|tag|materialize) words="$(_varve_repos)" ;;
      plan|why) words="$(_varve_pipelines)" ;;
    esac ;;
    3) case "\${COMP_WORDS[2]}" in
      repo|branch|commit|file|tag) words="$(_varve_repos)" ;;
      pipeline|cron|job|datum) words="$(_varve_pipelines)" ;;
    esac ;;
  esac
  case "\${COMP_WORDS[COMP_CWORD-1]}" in
    --repo) words="$(_varve_repos)" ;;
    -p|--pipeline) words="$(_varve_pipelines)" ;;
  esac
  COMPREPLY=($(compgen -W "$words" -- "$current"))
}
complete -o default -F _varve varve
`
}

function fish(): string {
  const verbs = verbGroups.flatMap((group) =>
    group.verbs.map(
      ({ name, summary }) =>
        `complete -c varve -n __fish_use_subcommand -f -a ${name} -d '${summary.replaceAll("'", "\\'")}'`,
    ),
  )
  const words = Object.entries(subjects).map(
    ([verb, names]) =>
      `complete -c varve -n '__fish_seen_subcommand_from ${verb}' -a '${names.join(' ')}'`,
  )
  return `${[...verbs, ...words].join('\n')}\n`
}
