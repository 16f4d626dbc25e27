import { expect, test } from 'vitest'
import { DnsCache } from './dns-cache.ts'

function openCache(
  answers: (hostname: string) => Promise<{ addresses: string[]; ttlSeconds?: number }>,
) {
  const time = { now: 0 }
  const asked: string[] = []
  const cache = new DnsCache(
    (hostname) => {
      asked.push(hostname)
      return answers(hostname)
    },
    { now: () => time.now },
  )
  return { cache, asked, time }
}

const failing = (code: string): (() => Promise<never>) => {
  return () => Promise.reject(Object.assign(new Error(code), { code }))
}

test('those who ask together, and those who ask later, cause one question', async () => {
  const { cache, asked } = openCache(async () => ({ addresses: ['192.0.2.1'] }))
  expect(await Promise.all([cache.addresses('a'), cache.addresses('a')])).toEqual([
    ['192.0.2.1'],
    ['192.0.2.1'],
  ])
  await cache.addresses('a')
  expect(asked).toEqual(['a'])
})

test('an address lives as long as the name server says, a minute at least', async () => {
  const { cache, asked, time } = openCache(async () => ({
    addresses: ['192.0.2.1'],
    ttlSeconds: 5,
  }))
  await cache.addresses('a')
  time.now = 59_000
  await cache.addresses('a')
  expect(asked).toHaveLength(1)
  time.now = 60_000
  await cache.addresses('a')
  expect(asked).toHaveLength(2)
})

test('a failure is remembered for seconds, a name that does not exist a little longer', async () => {
  const troubled = openCache(failing('ESERVFAIL'))
  const unknown = openCache(failing('ENOTFOUND'))
  for (const now of [0, 4000, 6000]) {
    troubled.time.now = now
    unknown.time.now = now
    await expect(troubled.cache.addresses('a')).rejects.toThrow('ESERVFAIL')
    await expect(unknown.cache.addresses('a')).rejects.toThrow('ENOTFOUND')
  }
  expect(troubled.asked).toHaveLength(2)
  expect(unknown.asked).toHaveLength(1)
})

test('a name is known once it is answered, for as long as the answer lives', async () => {
  const { cache, time } = openCache(async () => ({ addresses: ['192.0.2.1'], ttlSeconds: 60 }))
  expect(cache.knows('a')).toBe(false)
  const asked = cache.addresses('a')
  expect(cache.knows('a')).toBe(false)
  await asked
  expect(cache.knows('a')).toBe(true)
  time.now = 60_000
  expect(cache.knows('a')).toBe(false)
})

test('few questions are open at once, and all are answered', async () => {
  let open = 0
  let most = 0
  const { cache } = openCache(async (hostname) => {
    open += 1
    most = Math.max(most, open)
    await new Promise((resolve) => setTimeout(resolve, 1))
    open -= 1
    if (hostname.endsWith('7')) throw new Error('no')
    return { addresses: [hostname] }
  })
  const names = Array.from({ length: 500 }, (_, at) => `h${at}`)
  const ends = await Promise.allSettled(names.map((name) => cache.addresses(name)))
  expect(ends.filter((end) => end.status === 'fulfilled')).toHaveLength(450)
  expect(most).toBe(64)
})
