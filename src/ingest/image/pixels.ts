/** Interleaved 8-bit samples, rows from the top: 1 channel (grey) or 3 (red, green, blue). */
export interface Pixels {
  readonly width: number
  readonly height: number
  readonly channels: 1 | 3
  readonly data: Uint8Array
}
