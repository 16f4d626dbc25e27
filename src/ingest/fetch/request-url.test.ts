import { expect, test } from 'vitest'
import { requestUrl } from './request-url.ts'

function errorOf(text: string): string | undefined {
  const read = requestUrl(text)
  return read.kind === 'refused' ? read.error : undefined
}

test('web addresses are read, with blanks around them and in any case', () => {
  for (const text of ['http://a.example/', ' HTTPS://a.example/b c ', 'http://ünï.example/"x",y']) {
    expect(errorOf(text), text).toBe(undefined)
  }
})

test('other schemes, and no scheme at all, are named', () => {
  expect(errorOf('file:///etc/passwd')).toBe("unknown url type: 'file:///etc/passwd'")
  expect(errorOf('a/b.jpg')).toBe("unknown url type: 'a/b.jpg'")
  expect(errorOf('')).toBe("unknown url type: ''")
  expect(errorOf(`data:image/png;base64,${'A'.repeat(1e6)}`)?.length).toBeLessThan(250)
})

test('control characters inside are refused', () => {
  expect(errorOf('http://a.example/b\nc')).toBe(
    "URL can't contain control characters. 'http://a.example/b\\nc' (found at least '\\n')",
  )
})

test('a web address without sense is invalid', () => {
  expect(errorOf('http://')).toMatch(/^invalid URL: /)
  expect(errorOf('http://a.example:99999/')).toMatch(/^invalid URL: /)
})
