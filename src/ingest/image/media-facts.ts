/** What is known of the bytes a download became. */
export interface MediaFacts {
  /** Without the dot. */
  readonly extension: string
  /** Sizes in pixels; null when nothing was decoded (`disableAllReencoding`, media of any kind). */
  readonly width: number | null
  readonly height: number | null
  readonly originalWidth: number | null
  readonly originalHeight: number | null
  /** JSON of tag → string of the source bytes; null when unreadable, absent when not asked. */
  readonly exif?: string | null
}

/** Of bytes nobody decoded. */
export function undecoded(extension: string): MediaFacts {
  return { extension, width: null, height: null, originalWidth: null, originalHeight: null }
}
