import { botName } from './user-agent.ts'

/** What one robots.txt says about URLs of its origin. */
export interface RobotsRules {
  allows(url: string): boolean
}

/** RFC 9309, 2.5: parsers must read this much; what comes after is not read. */
export const robotsBytesMax = 500 * 1024
/** Longer lines hold no sensible rule, and a long pattern full of wildcards costs seconds to match. */
const longestLine = 2048

/**
 * Rules for `token`, or for us when there is none: the group of that name, else that of `*`. A group
 * that names `varve` counts even under another token.
 */
export async function parseRobots(
  origin: string,
  text: string,
  token: string | undefined,
): Promise<RobotsRules> {
  const parser = await import('robots-parser')
  // Its types describe an ES module; it is a function exported the old way.
  const robotsParser = parser.default as unknown as ParseRobots
  const lines = text.replace(/^\uFEFF/, '').split(/\r\n|\r|\n/)
  const sane = lines.filter((line) => line.length <= longestLine)
  const robots = robotsParser(`${origin}/robots.txt`, sane.join('\n'))
  const namesUs = sane.some((line) => ownGroup.test(line))
  const bots = [token ?? botName, ...(namesUs ? [botName] : [])]
  return { allows: (url) => bots.every((bot) => robots.isAllowed(url, bot) !== false) }
}

type ParseRobots = (
  url: string,
  text: string,
) => { isAllowed(url: string, bot: string): boolean | undefined }

const ownGroup = new RegExp(String.raw`^\s*user-agent\s*:\s*${botName}\b`, 'i')
