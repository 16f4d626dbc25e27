import { InvalidArgumentError } from 'commander'

const origins = ['USER', 'AUTO', 'FSCK'] as const

/** Reads the value of `--origin`, in letters of either case. */
export function commitOrigin(text: string): (typeof origins)[number] {
  const found = origins.find((origin) => origin === text.toUpperCase())
  if (found !== undefined) return found
  throw new InvalidArgumentError(`It must be one of ${origins.join(', ')}.`)
}
