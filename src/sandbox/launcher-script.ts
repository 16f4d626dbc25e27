import { invariant } from '../util/index.ts'

/** Bytes of what comes before the script of a command. */
const headBytes = 64

/** What is written to a launcher to have it run the script of a command. */
export function launcherRequest(mark: string, script: string): string {
  const head = `${mark} ${String(Buffer.byteLength(script))}`.padStart(headBytes)
  invariant(head.length === headBytes, 'an end mark and a size fit into the head')
  return head + script
}

/**
 * What a launcher process runs: bash, because its job control gives every command a process group
 * of its own without a helper program. For every command it reads a head, `<end mark> <size>`, and a
 * script of so many bytes, which starts the command in the background and calls `varve_wait`. No
 * file between us holds the environment of a command, which may have secrets. The head has a fixed
 * size, because bash reads lines from a pipe with a system call for every byte.
 * Command output and reports share one pipe, so that a report cannot overtake the output:
 *
 *   \0<end mark> ended <exit code>\0      the command ended
 *   \0<end mark> cut\0                    answer to SIGHUP
 *
 * First of all it writes `\0ready\0`: a signal that came earlier would end the launcher itself.
 *
 * Commands find the language in the environment of the launcher: to export it anew makes bash load
 * the locale, for every command, at more than the price of the fork. `LC_ALL` is not exported: bash
 * itself counts bytes, not characters.
 *
 * `cat` in between, because Node's pipes are sockets and a program cannot open `/dev/stdout` on one.
 *
 * SIGUSR1 asks the command in hand to end, SIGUSR2 kills it, SIGTERM kills it and ends the launcher.
 * Descriptor 3 is our life line: when it ends without a word, our process died, however it died, and
 * a watcher sends SIGTERM. Descriptor 9 never has anything to read: a sleep without a program.
 *
 * `varve_wait <job> <rounds>`: after the end of a command, what is left of its group is killed until
 * it is gone; the bound is for dead processes that nobody reaps.
 */
export const launcherScript = `
LC_ALL=C
unset OLDPWD SHLVL
ulimit -c 0
exec > >(exec cat)
exec 9<> <(:)
(exec 9<&-; read -r word <&3 || kill -s TERM $$) </dev/null >/dev/null &
past=$!
exec 3<&-
set -m
job= asked=0
signal_job() {
  local target=\${job:-$!}
  asked=1
  [ "$target" != "$past" ] && kill -s "$1" -- "-$target"
  again=1
}
trap 'signal_job TERM' USR1
trap 'signal_job KILL' USR2
trap 'printf "\\0%s cut\\0" "$mark"; again=1' HUP
trap 'signal_job KILL; exit 143' TERM
printf '\\0ready\\0'
varve_wait() {
  job=$1 again=1
  while [ "$again" = 1 ]; do again=0; wait "$job"; code=$?; done
  for ((tries = 0; tries < (asked ? 100 : $2); tries++)); do
    kill -s KILL -- "-$job" || break
    read -r -t 0.002 -u 9 word
  done
  past=$job job= asked=0
}
while IFS= read -r -N ${String(headBytes)} mark; do
  size=\${mark##* } mark=\${mark% *} mark=\${mark##* }
  IFS= read -r -N "$size" script
  eval "$script"
  printf '\\0%s ended %d\\0' "$mark" "$code"
done
`
