import { comparePaths } from '../../../model/index.ts'
import { thumbnailOf } from '../../image/thumbnail.ts'
import type { OperatorFile } from '../../operator.ts'
import { stem } from '../../output-path.ts'
import { certainty, isHeldOut, isWrong, type Prediction } from '../prediction.ts'
import type { Report } from '../report.ts'
import { card, type LabelColour } from './card.ts'
import { escapeHtml, plural } from './html.ts'
import { style } from './style.ts'
import { summary } from './summary.ts'

interface SheetOptions {
  readonly title: string
  /** Most cards per label. */
  readonly limit: number
  readonly images: readonly OperatorFile[]
}

/** Number of colours in the style; more labels share the last one. */
const colours = 8

/**
 * One HTML file with everything in it (no script, no network): figures, then the images grouped by
 * the label they were given, wrong ones first, then the least certain.
 */
export async function contactSheet(
  predictions: readonly Prediction[],
  report: Report,
  { title, limit, images }: SheetOptions,
): Promise<string> {
  const labels = report.model.map(({ label }) => label)
  const colour: LabelColour = (label) => {
    const at = labels.indexOf(label)
    return `--c:var(--l${at < 0 ? colours - 1 : Math.min(at, colours - 1)})`
  }
  const files = new Map(images.map((file) => [stem(file.path), file]))
  const groups = []
  for (const label of labels) {
    const members = predictions.filter((prediction) => prediction.label === label).sort(byInterest)
    const cards = []
    for (const prediction of members.slice(0, limit)) {
      const file = files.get(prediction.image)
      const thumbnail = file === undefined ? undefined : await thumbnailOf(file)
      cards.push(card(prediction, thumbnail, colour))
    }
    groups.push(group({ label, members, cards, colour }))
  }
  return page(title, [
    intro(title, predictions, report, colour),
    toolbar(predictions, colour, labels),
    `<main>${groups.join('\n')}
${footer(report)}</main>`,
  ])
}

function byInterest(a: Prediction, b: Prediction): number {
  const wrong = Number(isWrong(b)) - Number(isWrong(a))
  return wrong || certainty(a) - certainty(b) || comparePaths(a.image, b.image)
}

function intro(
  title: string,
  predictions: readonly Prediction[],
  report: Report,
  colour: LabelColour,
): string {
  const labels = report.model.map(({ label }) => escapeHtml(label)).join(', ')
  return `<div class="top"><h1>${escapeHtml(title)}</h1>
<p class="lead">${plural(predictions.length, 'image')} sorted into ${labels}.</p>
${summary(report, colour)}</div>`
}

function toolbar(
  predictions: readonly Prediction[],
  colour: LabelColour,
  labels: readonly string[],
): string {
  const choice = (id: string, text: string, checked = ''): string =>
    `<label><input type="radio" name="show" id="${id}"${checked}>${text}</label>`
  const links = labels.map((label) => {
    const count = predictions.filter((prediction) => prediction.label === label).length
    return `<a href="#${encodeURIComponent(label)}" style="${colour(label)}"><i class="dot"></i>${escapeHtml(label)} ${count}</a>`
  })
  return `<div class="bar"><div><span class="choices" role="radiogroup" aria-label="Show">
${choice('all', `All ${predictions.length}`, ' checked')}
${choice('held-out', `Held out ${predictions.filter(isHeldOut).length}`)}
${choice('wrong', `Wrong ${predictions.filter(isWrong).length}`)}
</span><nav>${links.join('')}</nav></div></div>`
}

interface Group {
  readonly label: string
  readonly members: readonly Prediction[]
  readonly cards: readonly string[]
  readonly colour: LabelColour
}

function group({ label, members, cards, colour }: Group): string {
  const heldOut = members.filter(isHeldOut).length
  const wrong = members.filter(isWrong).length
  const facts = [
    plural(members.length, 'image'),
    heldOut === 0 ? '' : `${heldOut} held out`,
    wrong === 0 ? '' : `${wrong} wrong`,
    cards.length < members.length ? `the first ${cards.length} shown` : '',
  ]
  return `<section class="group" id="${escapeHtml(label)}"><header style="${colour(label)}">
<h2><i class="dot"></i>${escapeHtml(label)}</h2><span>${facts.filter(Boolean).join(' · ')}</span></header>
<div class="cards">${cards.join('\n')}</div><p class="empty">None here.</p></section>`
}

function footer({ features }: Report): string {
  return `<footer>Bars show the probability of each label by a Gaussian naive Bayes classifier that learnt
from ${features.map(escapeHtml).join(', ')}. Wrong images come first, then the least certain. Held-out
images were never learnt from. Every figure is in report.json and predictions.csv beside this file.</footer>`
}

function page(title: string, parts: readonly string[]): string {
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escapeHtml(title)}</title><style>${style}</style></head>
<body>
${parts.join('\n')}
</body></html>
`
}
