import { expect, test } from 'vitest'
import { parseRobots } from './robots-rules.ts'

const origin = 'https://example.org'

async function allowed(text: string, paths: readonly string[], token?: string): Promise<string[]> {
  const rules = await parseRobots(origin, text, token)
  return paths.filter((path) => rules.allows(origin + path))
}

test('the longest rule wins, and allowing wins a draw', async () => {
  const text = 'User-agent: *\nDisallow: /a\nAllow: /a/b\nDisallow: /c\nAllow: /c\n'
  expect(await allowed(text, ['/', '/a', '/a/x', '/a/b/x', '/c'])).toEqual(['/', '/a/b/x', '/c'])
})

test('wildcards and ends are patterns', async () => {
  const text = 'User-agent: *\nDisallow: /*.gif$\nDisallow: /x/*/private\n'
  const paths = ['/a.gif', '/a.gif?b', '/x/1/private/2', '/x/private']
  expect(await allowed(text, paths)).toEqual(['/a.gif?b', '/x/private'])
})

test('the group of our token counts, or that of varve, or that of everybody', async () => {
  const text = 'User-agent: museum\nDisallow: /a\n\nUser-agent: *\nDisallow: /b\n'
  expect(await allowed(text, ['/a', '/b'], 'museum')).toEqual(['/b'])
  expect(await allowed(text, ['/a', '/b'])).toEqual(['/a'])
  const named = `User-agent: varve\nDisallow: /c\n\n${text}`
  expect(await allowed(named, ['/a', '/b', '/c'], 'museum')).toEqual(['/b'])
  expect(await allowed(named, ['/a', '/b', '/c'])).toEqual(['/a', '/b'])
})

test('what is no robots.txt forbids nothing', async () => {
  expect(await allowed('<html><body>Hello: world</body></html>', ['/a'])).toEqual(['/a'])
  expect(await allowed('\uFEFFUser-agent: *\r\nDisallow: /a\r\n', ['/a', '/b'])).toEqual(['/b'])
})

test('a pattern made to be slow is not matched', async () => {
  const hostile = `User-agent: *\nDisallow: ${'*a'.repeat(100_000)}\nDisallow: /z\n`
  const start = performance.now()
  expect(await allowed(hostile, [`/${'a'.repeat(5000)}`, '/z'])).toHaveLength(1)
  expect(performance.now() - start).toBeLessThan(500)
})
