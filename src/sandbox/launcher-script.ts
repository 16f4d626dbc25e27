/**
 * What a launcher process runs: bash, because its job control gives every command a process group
 * of its own without a helper program. It reads one line per command, `<end mark> <script file>`,
 * and sources that file, which starts the command in the background and calls `varve_wait`.
 * Command output and the end report share one pipe, so the report cannot overtake the output:
 *
 *   \0<end mark> <exit code>\n<two lines of `times`>\0<end mark>\0
 *
 * `cat` in between, because Node's pipes are sockets and a program cannot open `/dev/stdout` on one.
 *
 * SIGUSR1 asks the command in hand to end, SIGUSR2 kills it, SIGTERM (also sent by the kernel when
 * our process dies) kills it and ends the launcher.
 */
export const launcherScript = `
exec > >(exec cat)
set -m
job=
signal_job() { [ -n "$job" ] && kill -s "$1" -- "-$job" 2>/dev/null; again=1; }
trap 'signal_job TERM' USR1
trap 'signal_job KILL' USR2
trap 'signal_job KILL; exit 143' TERM
varve_wait() {
  job=$1 again=1
  while [ "$again" = 1 ]; do again=0; wait "$job"; code=$?; done
  kill -s KILL -- "-$job" 2>/dev/null
  job=
}
while IFS=' ' read -r mark file; do
  . "$file"
  printf '\\0%s %d\\n' "$mark" "$code"; times; printf '\\0%s\\0' "$mark"
done
`
