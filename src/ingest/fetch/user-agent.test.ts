import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { userAgent } from './user-agent.ts'

test('the version is that of the package', () => {
  const text = readFileSync(new URL('../../../package.json', import.meta.url), 'utf8')
  const { version } = JSON.parse(text) as { version: string }
  expect(userAgent('bot', 'https://a.example')).toBe(
    `varve/${version} (compatible; bot; +https://a.example)`,
  )
})

test('what is not said leaves no gap, and nothing breaks the header', () => {
  expect(userAgent(undefined, '')).toMatch(/ \(compatible\)$/)
  expect(userAgent('a\r\nb: (c)', '')).toMatch(/ \(compatible; ab: c\)$/)
})
