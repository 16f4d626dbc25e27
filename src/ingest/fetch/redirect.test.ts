import { expect, test } from 'vitest'
import { isRedirect, nextHop, type NextHop } from './redirect.ts'

const from = new URL('https://a.example/x/y?q')

function hop(location: string, visited: readonly string[] = [from.href]): NextHop {
  const redirect = { from, status: 302, reason: 'Found', location }
  return nextHop(redirect, new Set(visited), 10)
}

function hrefOf(location: string): string {
  const next = hop(location)
  return next.kind === 'hop' ? next.url.href : next.error
}

test('a location may be relative, lack its scheme, or carry a fragment', () => {
  expect(hrefOf('z')).toBe('https://a.example/x/z')
  expect(hrefOf('/z#part')).toBe('https://a.example/z')
  expect(hrefOf('//b.example/z')).toBe('https://b.example/z')
  expect(hrefOf('http://b.example/a b')).toBe('http://b.example/a%20b')
})

test('a fragment makes no new place of an old one', () => {
  expect(hop('#part').kind).toBe('refused')
})

test('other schemes and nonsense are refused', () => {
  expect(hrefOf('javascript:alert(1)')).toBe(
    "HTTP Error 302: Found - Redirection to url 'javascript:alert(1)' is not allowed",
  )
  expect(hrefOf('http://')).toContain('invalid redirect')
})

test('only five statuses with a location redirect', () => {
  const statuses = [300, 301, 302, 303, 304, 305, 307, 308]
  expect(statuses.filter((status) => isRedirect(status, '/z'))).toEqual([301, 302, 303, 307, 308])
  expect(isRedirect(302, undefined)).toBe(false)
})
