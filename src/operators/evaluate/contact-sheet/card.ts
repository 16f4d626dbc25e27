import type { Thumbnail } from '../../image/thumbnail.ts'
import { isHeldOut, isWrong, type Prediction } from '../prediction.ts'
import { chance, escapeHtml, shortNumber, words } from './html.ts'

/** Colour of a label, as CSS that sets `--c`. */
export type LabelColour = (label: string) => string

/** One image: picture, name, what was wrong, a bar per label, and what was measured. */
export function card(
  prediction: Prediction,
  thumbnail: Thumbnail | undefined,
  colour: LabelColour,
): string {
  const { image, annotation } = prediction
  const kinds = [
    'card',
    isHeldOut(prediction) ? 'held-out' : '',
    isWrong(prediction) ? 'wrong' : '',
  ]
  const badge = isHeldOut(prediction) ? '<span class="badge">held out</span>' : ''
  const verdict = isWrong(prediction)
    ? `<div class="verdict">✗ labelled ${escapeHtml(annotation?.label ?? '')}</div>`
    : ''
  return `<figure class="${kinds.filter(Boolean).join(' ')}">
<div class="picture">${picture(image, thumbnail)}${badge}</div>
<figcaption><div class="name">${escapeHtml(image)}</div>${verdict}
<div class="scores">${scores(prediction, colour)}</div>
<dl class="measures">${measures(prediction)}</dl></figcaption></figure>`
}

function picture(image: string, thumbnail: Thumbnail | undefined): string {
  if (thumbnail === undefined) return ''
  const data = Buffer.from(thumbnail.bytes).toString('base64')
  return `<img loading="lazy" alt="${escapeHtml(image)}" src="data:${thumbnail.mediaType};base64,${data}">`
}

function scores({ label: chosen, probabilities }: Prediction, colour: LabelColour): string {
  return [...probabilities]
    .map(([label, share]) => {
      const kind = label === chosen ? ' class="chosen"' : ''
      const number = label === chosen ? 'number chosen' : 'number'
      const track = `<span class="track" style="${colour(label)};--p:${share.toFixed(4)}"><i></i></span>`
      return `<span${kind}>${escapeHtml(label)}</span>${track}<span class="${number}">${chance(share)}</span>`
    })
    .join('')
}

function measures({ features }: Prediction): string {
  return [...features]
    .map(([name, value]) => `<dt>${escapeHtml(words(name))}</dt><dd>${shortNumber(value)}</dd>`)
    .join('')
}
