/** A stream whose beginning was looked at, from its beginning again. */
export async function* restOf<T>(head: T, rest: AsyncIterator<T>): AsyncGenerator<T> {
  try {
    yield head
    for (;;) {
      const { value, done } = await rest.next()
      if (done === true) return
      yield value
    }
  } finally {
    await rest.return?.()
  }
}
