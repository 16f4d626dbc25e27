import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { errorCatalogue } from '../src/model/index.ts'

/** `docs/errors.md` as it must be: one heading for each code, so that every code has an anchor. */
function pageOf(catalogue: typeof errorCatalogue): string {
  const head = [
    '# Errors',
    '',
    'Every error has a code that never changes its meaning, says what happened and why, and names the',
    'next thing to do. With `--json` it is printed as `{"error": {"code", "what", "next", "data"}}`. The exit',
    'code of the command follows from the code: 1 something failed, 2 the command was wrong, 3 not found,',
    '4 conflict, 5 the store is locked, 6 the store is damaged, 7 the machine refused, 130 interrupted.',
    'A bug of Varve has the code `INTERNAL` and the exit code 70.',
    '',
  ]
  const entries = Object.entries(catalogue).flatMap(([code, { title, exit, next }]) => [
    `## ${code}`,
    '',
    `${title}. Exit code ${exit}.`,
    '',
    next,
    '',
  ])
  return [...head, ...entries].join('\n')
}

test('docs/errors.md says what the catalogue says', async () => {
  const file = new URL('../docs/errors.md', import.meta.url)
  if (process.env['VARVE_UPDATE_DOCS'] === '1') {
    const { writeFile } = await import('node:fs/promises')
    await writeFile(file, pageOf(errorCatalogue))
  }
  // Mended with: VARVE_UPDATE_DOCS=1 npx vitest run test/errors.test.ts
  expect(readFileSync(file, 'utf8')).toBe(pageOf(errorCatalogue))
})

test('every code tells what to do next, in a sentence', () => {
  for (const [code, { title, next, exit }] of Object.entries(errorCatalogue)) {
    expect(next, code).toMatch(/^[A-Z].*[.!]$/s)
    expect(title, code).not.toMatch(/\.$/)
    expect(exit, code).toBeGreaterThan(0)
  }
})
