/** The name site owners can address us by, in robots.txt and in `X-Robots-Tag`. */
export const botName = 'varve'

/** Of the package; `user-agent.test.ts` compares it with package.json. */
const version = '0.1.0'

/**
 * Says who is asking, and where to complain: `varve/0.1.0 (compatible; my-crawler; +https://…)`.
 * What a header cannot carry is left out.
 */
export function userAgent(token: string | undefined, contactUrl: string): string {
  const parts = ['compatible', token, contactUrl === '' ? undefined : `+${contactUrl}`]
  const comment = parts.filter((part) => part !== undefined).join('; ')
  return `${botName}/${version} (${comment.replaceAll(/[^\x20-\x7e]|[()]/g, '')})`
}
