import { InvalidArgumentError } from 'commander'

/** Reads the value of an option that counts: `.option('--limit <count>', '…', wholeNumber())`. */
export function wholeNumber(least = 0): (text: string) => number {
  return (text) => {
    const value = Number(text)
    if (/^\d+$/.test(text) && Number.isSafeInteger(value) && value >= least) return value
    throw new InvalidArgumentError(`It must be a whole number of at least ${least}.`)
  }
}
