/** `npm run check`: format, lint, types, unused code, then every test. Stops at the first that fails. */
import { spawnSync } from 'node:child_process'

const steps: readonly (readonly [name: string, ...command: string[]])[] = [
  ['format', 'oxfmt', '--check', '.'],
  ['lint', 'oxlint', '--type-aware', '--deny-warnings'],
  ['types', 'tsc', '-p', 'tsconfig.json'],
  ['unused code', 'knip'],
]

function step(name: string, command: string, args: readonly string[]): void {
  process.stdout.write(`check: ${name}\n`)
  const result = spawnSync(command, args, { stdio: 'inherit' })
  if (result.status === 0) return
  process.stdout.write(`check: ${name} failed\n`)
  process.exit(result.status ?? 1)
}

const [, , only] = process.argv
for (const [name, tool, ...args] of steps) step(name, `node_modules/.bin/${tool}`, args)
if (only !== '--static') step('tests', process.execPath, ['scripts/test.ts'])
