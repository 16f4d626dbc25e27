/** How many distinct crash states each file of tests must have looked at, at the least. */
export const statesToCheck = { writing: 8_000, upkeep: 9_000, running: 3_000 } as const

/** What all of them come to in one run of the tests. */
export const statesInAll: number = Object.values(statesToCheck).reduce((sum, n) => sum + n, 0)
