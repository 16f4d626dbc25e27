import { expect, test } from 'vitest'
import { connectionFault, statusError, type Progress } from './error-text.ts'

const connecting: Progress = { phase: 'connecting', bytes: 0, expected: undefined }

function raised(code: string, message = code): Error {
  return Object.assign(new Error(message), { code })
}

test('faults of a connection read as Python prints them', () => {
  const texts = ['EHOSTUNREACH', 'ENETUNREACH', 'EAI_AGAIN', 'ENODATA', 'UND_ERR_CONNECT_TIMEOUT']
  expect(texts.map((code) => connectionFault(raised(code), connecting).error)).toEqual([
    '<urlopen error [Errno 113] No route to host>',
    '<urlopen error [Errno 101] Network is unreachable>',
    '<urlopen error [Errno -3] Temporary failure in name resolution>',
    '<urlopen error [Errno -5] No address associated with hostname>',
    '<urlopen error timed out>',
  ])
})

test('of several addresses that failed the first one speaks', () => {
  const errors = [raised('ECONNREFUSED'), raised('ENETUNREACH')]
  const fault = connectionFault(new AggregateError(errors), connecting)
  expect(fault.error).toBe('<urlopen error [Errno 111] Connection refused>')
})

test('what we ran out of speaks against no host and may pass', () => {
  expect(connectionFault(raised('EMFILE'), connecting)).toMatchObject({
    mayPass: true,
    blamesHost: false,
  })
})

test('a wrong name in a certificate does not pass by itself', () => {
  const fault = connectionFault(raised('ERR_TLS_CERT_ALTNAME_INVALID', 'wrong name'), connecting)
  expect(fault).toMatchObject({ mayPass: false })
  expect(fault.error).toContain('CERTIFICATE_VERIFY_FAILED')
})

test('a status without a reason, as in HTTP/2, has its usual one', () => {
  expect(statusError(404, '')).toBe('HTTP Error 404: Not Found')
  expect(statusError(404, 'Gone fishing')).toBe('HTTP Error 404: Gone fishing')
  expect(statusError(599, '')).toBe('HTTP Error 599: ')
})
