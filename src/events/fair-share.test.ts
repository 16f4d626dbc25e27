import fc from 'fast-check'
import { expect, test } from 'vitest'
import { balance, fairShare } from './fair-share.ts'

test('shares are alike and make up the whole', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 40 }),
      fc.integer({ min: 1, max: 40 }),
      (count, people) => {
        const members = Array.from({ length: people }, (_, i) => `m${i}`)
        const shares = members.map((member) => fairShare(count, members, member))
        expect(shares.reduce((sum, share) => sum + share, 0)).toBe(count)
        expect(Math.max(...shares) - Math.min(...shares)).toBeLessThanOrEqual(1)
      },
    ),
  )
  expect(fairShare(16, ['a', 'b'], 'stranger')).toBe(0)
})

test('from any start, with busy partitions too, all hold their share once each was idle and asked', () => {
  const owner = fc.option(fc.constantFrom('m0', 'm1', 'm2', 'gone'), { nil: undefined })
  const owners = fc.array(owner, { minLength: 1, maxLength: 20 })
  fc.assert(
    fc.property(owners, fc.integer({ min: 1, max: 3 }), fc.nat(), (start, people, busy) => {
      const members = ['m0', 'm1', 'm2'].slice(0, people)
      const held: (string | undefined)[] = [...start]
      for (let round = 0; round < 4; round += 1) {
        for (const member of members) {
          const idle = held.flatMap((_, p) => (round > 0 || (busy >> p) % 2 === 0 ? p : []))
          const before = held.filter((owner) => owner === member).length
          const { kept, claimed, released, surplus } = balance({
            member,
            members,
            owners: held,
            idle,
          })
          for (const partition of claimed) {
            expect(members).not.toContain(held[partition])
            held[partition] = member
          }
          for (const partition of released) {
            expect(idle).toContain(partition)
            held[partition] = undefined
          }
          expect(kept.length + released.length).toBe(before)
          expect(
            surplus === 0 || kept.length - surplus === fairShare(held.length, members, member),
          ).toBe(true)
        }
      }
      for (const member of members) {
        const share = fairShare(held.length, members, member)
        expect(held.filter((owner) => owner === member)).toHaveLength(share)
      }
    }),
  )
})
