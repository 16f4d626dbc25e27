/** Text that is safe between tags and inside quoted attributes. */
export function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`)
}

/** 0.9876 as "98.8 %"; shares that would round to all or nothing stay honest: ">99.9 %". */
export function percent(share: number): string {
  if (share === 1) return '100 %'
  if (share === 0) return '0 %'
  if (share >= 0.9995) return '>99.9 %'
  if (share < 0.0005) return '<0.1 %'
  return `${(100 * share).toFixed(1)} %`
}

/** Three significant digits, thousands apart: 12 345, 678, 2.31. */
export function shortNumber(value: number): string {
  const magnitude = Math.abs(value)
  if (magnitude !== 0 && (magnitude < 0.001 || magnitude >= 1e9)) return value.toExponential(2)
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
