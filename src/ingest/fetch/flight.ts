/**
 * One fetch, as the thing that can be stopped. A fetch is at one place at a time (a queue, a pause, the
 * network), so one way back is enough, and a stop costs nothing while it does not happen.
 */
export class Flight {
  #leave: ((reason: unknown) => void) | undefined
  #stopped: { readonly reason: unknown } | undefined

  /**
   * Waits for `start` to call its argument. `start` returns how to leave the place; it is called when
   * the flight is stopped, and the wait then rejects with the reason.
   */
  wait<T>(start: (land: (value: T) => void) => () => void): Promise<T> {
    return new Promise((resolve, reject) => {
      if (this.#stopped !== undefined) {
        reject(this.#stopped.reason)
        return
      }
      const leave = start((value) => {
        this.#leave = undefined
        resolve(value)
      })
      this.#leave = (reason) => {
        leave()
        reject(reason)
      }
    })
  }

  sleep(ms: number): Promise<void> {
    return this.wait((land) => {
      const timer = setTimeout(land, ms)
      return () => clearTimeout(timer)
    })
  }

  throwIfStopped(): void {
    if (this.#stopped !== undefined) throw this.#stopped.reason
  }

  stop(reason: unknown): void {
    if (this.#stopped !== undefined) return
    this.#stopped = { reason }
    this.#leave?.(reason)
    this.#leave = undefined
  }
}

/** All flights, and those of each signal: one listener per signal, however many fetches share it. */
export class Flights {
  readonly #all = new Set<Flight>()
  readonly #bySignal = new WeakMap<AbortSignal, Set<Flight>>()

  start(signal: AbortSignal | undefined): Flight {
    const flight = new Flight()
    this.#all.add(flight)
    if (signal !== undefined) this.#ofSignal(signal).add(flight)
    return flight
  }

  end(flight: Flight, signal: AbortSignal | undefined): void {
    this.#all.delete(flight)
    if (signal !== undefined) this.#bySignal.get(signal)?.delete(flight)
  }

  stopAll(reason: unknown): void {
    for (const flight of this.#all) flight.stop(reason)
  }

  #ofSignal(signal: AbortSignal): Set<Flight> {
    const known = this.#bySignal.get(signal)
    if (known !== undefined) return known
    const flights = new Set<Flight>()
    this.#bySignal.set(signal, flights)
    const stop = (): void => {
      for (const flight of flights) flight.stop(signal.reason)
    }
    signal.addEventListener('abort', stop, { once: true })
    return flights
  }
}
