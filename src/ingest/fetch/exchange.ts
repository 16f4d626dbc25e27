import type { Dispatcher } from 'undici'
import { systemCode } from '../../util/index.ts'
import { BodyBuffer } from './body-buffer.ts'
import type { BodyPool } from './body-pool.ts'
import type { ByteBudget, ByteHolder } from './byte-budget.ts'
import type { Deadline, Deadlines } from './deadlines.ts'
import {
  connectionFault,
  deadlineFault,
  finalFault,
  isMalformed,
  type Fault,
} from './error-text.ts'

/** By lower-case name. */
export type ResponseHeaders = Readonly<Record<string, string | readonly string[] | undefined>>

export interface Response {
  readonly kind: 'response'
  readonly status: number
  readonly reason: string
  readonly headers: ResponseHeaders
  /** Empty when nobody wanted it. */
  readonly body: Uint8Array
}

export type Exchanged =
  | Response
  | {
      readonly kind: 'fault'
      readonly fault: Fault
      /** The connection ended before any answer, as one does that the server had given up already. */
      readonly isStale: boolean
    }

export interface ExchangeOptions {
  readonly maxBytes: number
  /** A body over the limit is a fault, or is cut there. */
  readonly atLimit: 'fail' | 'cut'
  /** Whether the body of such a response is of any use. */
  wantsBody(status: number, headers: ResponseHeaders): boolean
}

export interface ExchangeLimits {
  readonly budget: ByteBudget
  readonly pool: BodyPool
  readonly deadlines: Deadlines
  readonly deadlineMs: number
}

/** An unwanted body up to this size is read, because a new connection would cost more. */
const drainedBytes = 64 * 1024
/** Given to the client when we end a request; what it makes of it is ignored. */
const ended = new Error('ended')

/** One request and its response, without redirects: the handler the HTTP client reports to. */
export class Exchange implements Dispatcher.DispatchHandler, ByteHolder, Deadline {
  readonly #options: ExchangeOptions
  readonly #limits: ExchangeLimits
  readonly #done: (exchanged: Exchanged) => void
  #controller: Dispatcher.DispatchController | undefined
  #status = 0
  #reason = ''
  #headers: ResponseHeaders = {}
  #expected: number | undefined
  #body: BodyBuffer | undefined
  #received = 0
  #isEnded = false
  #leftMs: number

  /** The deadline runs from now, for `leftMs`. */
  constructor(
    options: ExchangeOptions,
    limits: ExchangeLimits,
    leftMs: number,
    done: (exchanged: Exchanged) => void,
  ) {
    this.#options = options
    this.#limits = limits
    this.#leftMs = leftMs
    this.#done = done
    limits.deadlines.arm(this, leftMs)
  }

  /** What is left of the deadline, once ended. */
  get leftMs(): number {
    return this.#leftMs
  }

  onRequestStart(controller: Dispatcher.DispatchController): void {
    this.#controller = controller
    if (this.#isEnded) controller.abort(ended)
  }

  onResponseStart(
    _controller: Dispatcher.DispatchController,
    status: number,
    headers: ResponseHeaders,
    reason: string | undefined,
  ): void {
    if (status < 200 || this.#isEnded) return
    this.#status = status
    this.#reason = reason ?? ''
    this.#headers = headers
    this.#expected = contentLength(headers)
    if (this.#options.wantsBody(status, headers)) this.#openBody()
    else if ((this.#expected ?? 0) > drainedBytes) this.#respond(true)
  }

  onResponseData(controller: Dispatcher.DispatchController, chunk: Buffer): void {
    if (this.#isEnded) return
    this.#received += chunk.length
    if (this.#body === undefined) {
      if (this.#received > drainedBytes) this.#respond(true)
      return
    }
    if (this.#received > this.#options.maxBytes) {
      this.#overLimit(this.#body, chunk)
      return
    }
    this.#body.push(chunk)
    if (this.#limits.budget.take(this, chunk.length)) return
    // Waiting for other bodies is not the server's time.
    controller.pause()
    this.#leftMs = this.#limits.deadlines.disarm(this)
  }

  onResponseEnd(): void {
    if (this.#isEnded) return
    const isShort = this.#body !== undefined && this.#received < (this.#expected ?? 0)
    if (isShort) this.#fail(new Error('short'))
    else this.#respond(false)
  }

  onResponseError(_controller: Dispatcher.DispatchController, error: Error): void {
    this.#fail(error)
  }

  /** By the budget, out of the callbacks of another connection: the client wants that to end first. */
  resume(): void {
    setImmediate(() => {
      if (this.#isEnded) return
      this.#limits.deadlines.arm(this, this.#leftMs)
      this.#controller?.resume()
    })
  }

  expire(): void {
    this.#end({
      kind: 'fault',
      fault: deadlineFault(this.#limits.deadlineMs),
      isStale: false,
    })
    this.#controller?.abort(ended)
  }

  /** Ends it without an answer to anybody. */
  stop(): void {
    if (this.#isEnded) return
    this.#close()
    this.#controller?.abort(ended)
  }

  #openBody(): void {
    const { maxBytes, atLimit } = this.#options
    if (this.#expected !== undefined && this.#expected > maxBytes && atLimit === 'fail') {
      this.#refuseSize()
    } else {
      this.#body = new BodyBuffer(this.#limits.pool, this.#expected)
    }
  }

  #overLimit(body: BodyBuffer, chunk: Buffer): void {
    if (this.#options.atLimit === 'fail') {
      this.#refuseSize()
      return
    }
    body.push(chunk.subarray(0, this.#options.maxBytes - body.size))
    this.#respond(true)
  }

  #refuseSize(): void {
    const error = `body larger than ${this.#options.maxBytes} bytes`
    this.#end({ kind: 'fault', fault: finalFault(error), isStale: false })
    this.#controller?.abort(ended)
  }

  /** `isEarly`: there is more to come that nobody wants. */
  #respond(isEarly: boolean): void {
    const body = this.#body?.bytes() ?? new Uint8Array(0)
    this.#body = undefined
    this.#end({
      kind: 'response',
      status: this.#status,
      reason: this.#reason,
      headers: this.#headers,
      body,
    })
    if (isEarly) this.#controller?.abort(ended)
  }

  #fail(error: Error): void {
    if (this.#isEnded) return
    // The status counts, whatever happened to a body that is of no use.
    if (this.#status !== 0 && this.#body === undefined) {
      this.#respond(false)
      return
    }
    const phase = this.#phase()
    const progress = { phase, bytes: this.#received, expected: this.#expected }
    const fault = connectionFault(error, progress)
    this.#end({ kind: 'fault', fault, isStale: phase === 'sent' && isClosure(error) })
  }

  #phase(): 'connecting' | 'sent' | 'body' {
    if (this.#status !== 0) return 'body'
    return this.#controller === undefined ? 'connecting' : 'sent'
  }

  #end(exchanged: Exchanged): void {
    if (this.#isEnded) return
    this.#close()
    this.#done(exchanged)
  }

  #close(): void {
    this.#isEnded = true
    this.#leftMs = Math.max(this.#limits.deadlines.disarm(this), 1)
    this.#limits.budget.release(this)
    this.#body?.discard()
    this.#body = undefined
  }
}

/** @returns undefined when there is none, or none that makes sense. */
function contentLength(headers: ResponseHeaders): number | undefined {
  const text = headers['content-length']
  if (typeof text !== 'string' || !/^\d{1,15}$/.test(text)) return undefined
  return Number(text)
}

function isClosure(error: Error): boolean {
  return (
    !isMalformed(error) &&
    ['UND_ERR_SOCKET', 'ECONNRESET', 'EPIPE'].includes(systemCode(error) ?? '')
  )
}
