import type { Accuracy } from '../accuracy.ts'
import type { Report } from '../report.ts'
import type { LabelColour } from './card.ts'
import { escapeHtml, percent, plural } from './html.ts'

/** The figures at the top: how often the classifier is right, and what it confuses. */
export function summary(report: Report, colour: LabelColour): string {
  return `<div class="facts">
${accuracyFact('Accuracy on held-out images', report.held_out)}
${accuracyFact('On the images it learnt from', report.train)}
${confusionFact(report, colour)}
</div>`
}

function accuracyFact(title: string, figure: Accuracy): string {
  const { correct, total, accuracy, low, high } = figure
  if (accuracy === undefined || low === undefined || high === undefined) {
    return `<section class="fact"><h2>${title}</h2><strong>–</strong><p>no such images</p></section>`
  }
  return `<section class="fact"><h2>${title}</h2><strong>${percent(accuracy)}</strong>
<p>${correct} of ${total} right<br>95 % interval ${percent(low)} to ${percent(high)}</p></section>`
}

function confusionFact({ confusion, held_out: { total } }: Report, colour: LabelColour): string {
  const rows = Object.entries(confusion)
  const columns = Object.keys(rows[0]?.[1] ?? {})
  if (total === 0) return ''
  const head = columns.map((label) => `<th scope="col">${escapeHtml(label)}</th>`).join('')
  const body = rows.map(([label, counts]) => {
    const cells = columns.map((column) =>
      cell(counts[column] ?? 0, column === label, colour(label)),
    )
    return `<tr><th scope="row">${escapeHtml(label)}</th>${cells.join('')}</tr>`
  })
  return `<section class="fact"><h2>${plural(total, 'held-out image')}: labelled (row) and taken for (column)</h2>
<table class="confusion"><thead><tr><td class="none"></td>${head}</tr></thead><tbody>${body.join('')}</tbody></table></section>`
}

function cell(count: number, right: boolean, colour: string): string {
  const kind = count === 0 ? 'none' : right ? 'right' : 'miss'
  return `<td class="${kind}" style="${colour}">${count === 0 ? '·' : count}</td>`
}
