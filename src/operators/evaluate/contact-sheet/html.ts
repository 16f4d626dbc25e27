/** Text that is safe between tags and inside quoted attributes. */
export function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`)
}

/** 0.9876 as "98.8 %". */
export function percent(share: number): string {
  return share === 1 ? '100 %' : `${(100 * share).toFixed(1)} %`
}

/** A probability as a model gives it: never quite none, never quite certain. */
export function chance(probability: number): string {
  if (probability >= 0.9995) return '>99.9 %'
  return probability < 0.0005 ? '<0.1 %' : percent(probability)
}

/** Three significant digits, thousands apart: 12 345, 678, 2.31. */
export function shortNumber(value: number): string {
  if (value === 0) return '0'
  const magnitude = Math.abs(value)
  if (magnitude < 0.001 || magnitude >= 1e9) return value.toExponential(2)
  const decimals = magnitude >= 100 ? 0 : magnitude >= 10 ? 1 : magnitude >= 1 ? 2 : 3
  return value.toFixed(decimals).replace(/\B(?=(\d{3})+(?!\d|\.))(?<!\.\d*)/g, '\u202f')
}

/** `laplacian_variance` as a person reads it. */
export function words(name: string): string {
  return name.replaceAll('_', ' ')
}

export function plural(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`
}
