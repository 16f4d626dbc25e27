/** One file of a lane. */
export interface SegmentId {
  readonly lane: string
  readonly number: number
}

const keyRule = /^segments\/(.+)\/(\d{6})\.tar$/

export function segmentKey(segment: SegmentId): string {
  return `segments/${segment.lane}/${String(segment.number).padStart(6, '0')}.tar`
}

/** Undefined for other files beside the segments, such as the copies `repair` keeps. */
export function parseSegmentKey(key: string): SegmentId | undefined {
  const match = keyRule.exec(key)
  return match === null ? undefined : { lane: match[1] ?? '', number: Number(match[2]) }
}
