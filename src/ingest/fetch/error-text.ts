import { STATUS_CODES } from 'node:http'
import { messageOf, systemCode } from '../../util/index.ts'

/** Why no usable response came, in img2dataset's words where it has any. */
export interface Fault {
  readonly error: string
  /** It may go better another time. */
  readonly mayPass: boolean
  /** It speaks against the host: many of these and the host is set aside. */
  readonly blamesHost: boolean
}

/** How far an exchange had come, and what the headers promised. */
export interface Progress {
  readonly phase: 'connecting' | 'sent' | 'body'
  readonly bytes: number
  readonly expected: number | undefined
}

/** Linux numbers: the texts are compared between machines. */
const systemErrors: Readonly<Record<string, string>> = {
  ECONNREFUSED: '[Errno 111] Connection refused',
  ECONNRESET: '[Errno 104] Connection reset by peer',
  EHOSTUNREACH: '[Errno 113] No route to host',
  ENETUNREACH: '[Errno 101] Network is unreachable',
  ETIMEDOUT: '[Errno 110] Connection timed out',
  EPIPE: '[Errno 32] Broken pipe',
  EADDRNOTAVAIL: '[Errno 99] Cannot assign requested address',
}

/** Codes of getaddrinfo (EAI_…) and of the name servers' client (the others). */
const nameErrors: Readonly<Record<string, string>> = {
  ENOTFOUND: '[Errno -2] Name or service not known',
  EBADNAME: '[Errno -2] Name or service not known',
  ENODATA: '[Errno -5] No address associated with hostname',
  EAI_AGAIN: '[Errno -3] Temporary failure in name resolution',
  ESERVFAIL: '[Errno -3] Temporary failure in name resolution',
  EREFUSED: '[Errno -3] Temporary failure in name resolution',
  ETIMEOUT: '[Errno -3] Temporary failure in name resolution',
}
const unknownNames: ReadonlySet<string> = new Set(['ENOTFOUND', 'EBADNAME', 'ENODATA'])

/** We ran out of something; no host is to blame. */
const ownTrouble: ReadonlySet<string> = new Set([
  'EMFILE',
  'ENFILE',
  'ENOBUFS',
  'ENOMEM',
  'EADDRNOTAVAIL',
])

/** Of OpenSSL's verification, as Node names them. */
const badCertificate =
  /^(ERR_TLS_CERT_ALTNAME_INVALID|CERT_|UNABLE_TO_|SELF_SIGNED_|DEPTH_ZERO_|INVALID_CA|INVALID_PURPOSE|HOSTNAME_MISMATCH)/

/** `HTTP Error 404: Not Found`; HTTP/2 sends no reason, so the usual one stands in. */
export function statusError(status: number, reason: string): string {
  return `HTTP Error ${status}: ${reason === '' ? (STATUS_CODES[status] ?? '') : reason}`
}

export function deadlineFault(deadlineMs: number): Fault {
  return passing(`timed out (deadline of ${deadlineMs / 1000} s for the whole request)`)
}

/** A fault that is final and that the host is not to blame for. */
export function finalFault(error: string): Fault {
  return { error, mayPass: false, blamesHost: false }
}

/** The text of a connection fault; `error` is whatever the client or the operating system raised. */
export function connectionFault(error: unknown, progress: Progress): Fault {
  const code = codeOf(error)
  const message = messageOf(error)
  if (code === 'VARVE_ADDRESS_REFUSED') return finalFault(message)
  const name = nameErrors[code]
  if (name !== undefined) return { ...passing(wrapped(name)), mayPass: !unknownNames.has(code) }
  if (ownTrouble.has(code)) {
    return { error: wrapped(systemErrors[code] ?? message), mayPass: true, blamesHost: false }
  }
  if (badCertificate.test(code)) {
    return { error: certificateError(message), mayPass: false, blamesHost: true }
  }
  if (code.startsWith('ERR_SSL_') || code === 'EPROTO') {
    return { error: wrapped(`[SSL] ${message.trim()}`), mayPass: false, blamesHost: true }
  }
  if (isMalformed(error) && progress.phase === 'sent') {
    return { error: 'malformed HTTP response', mayPass: false, blamesHost: true }
  }
  return networkFault(code, message, progress)
}

function networkFault(code: string, message: string, progress: Progress): Fault {
  const system = systemErrors[code]
  switch (code) {
    case 'UND_ERR_CONNECT_TIMEOUT':
      return passing('<urlopen error timed out>')
    case 'UND_ERR_HEADERS_TIMEOUT':
    case 'UND_ERR_BODY_TIMEOUT':
      return passing('timed out')
    case 'UND_ERR_HEADERS_OVERFLOW':
      return finalFault('response headers too large')
    default:
  }
  if (progress.phase === 'connecting') return passing(wrapped(system ?? message))
  if (progress.phase === 'body' && system === undefined) return passing(incompleteRead(progress))
  if (system !== undefined) return passing(system)
  return passing('Remote end closed connection without response')
}

function incompleteRead({ bytes, expected }: Progress): string {
  const missing = expected === undefined ? '' : `, ${Math.max(0, expected - bytes)} more expected`
  return `IncompleteRead(${bytes} bytes read${missing})`
}

/** Node adds advice after a semicolon. */
function certificateError(message: string): string {
  const reason = message.replace(/;.*$/s, '')
  return wrapped(`[SSL: CERTIFICATE_VERIFY_FAILED] certificate verify failed: ${reason}`)
}

/** No HTTP, two lengths, or a 100 or 101 that nobody asked for. */
export function isMalformed(error: unknown): boolean {
  if (!(error instanceof Error)) return false
  if (error.name === 'HTTPParserError') return true
  const code = codeOf(error)
  if (code === 'UND_ERR_RES_CONTENT_LENGTH_MISMATCH') return true
  return code === 'UND_ERR_SOCKET' && /^bad (response|upgrade)$/.test(error.message)
}

function wrapped(text: string): string {
  return `<urlopen error ${text}>`
}

function passing(error: string): Fault {
  return { error, mayPass: true, blamesHost: true }
}

function codeOf(error: unknown): string {
  // Several addresses were tried and each failed: the first one speaks for all.
  if (error instanceof AggregateError && error.errors.length > 0) return codeOf(error.errors[0])
  return systemCode(error) ?? ''
}
