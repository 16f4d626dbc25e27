/** Sizes every TAR reader agrees on (POSIX.1-1988 ustar). */
export const blockBytes = 512

/** Where the checksum of a header stands; its eight bytes count as spaces in the sum. */
export const checksumOffset = 148

/** Two zero blocks close an archive. */
export const sealBytes = 2 * blockBytes

/** Largest size that fits the eleven octal digits of a header. */
export const octalSizeLimit = 8 ** 11 - 1

/** Bytes up to the end of the last block that `length` bytes of payload touch. */
export function paddedLength(length: number): number {
  return Math.ceil(length / blockBytes) * blockBytes
}
