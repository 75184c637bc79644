/** From gross to net as a picture: one bar under the other, each beginning where the one above ended. */
import type { Amounts } from '../../../modules/overview/index.ts'
import { html, type Html } from '../html.ts'
import { EXPLAIN_PAGE, kroner, LINE_NAME } from '../../text/index.ts'

const WIDTH = 360
const ROW = 44
const BAR = 16

interface Bar {
  readonly name: string
  readonly amount: number
  /** øre from the left edge. */
  readonly from: number
  readonly kind: 'whole' | 'taken' | 'left'
}

/** The bars with something in them; gross and net are always there. */
function barsOf(totals: Amounts): Bar[] {
  const bars: Bar[] = [{ name: LINE_NAME.gross, amount: totals.gross, from: 0, kind: 'whole' }]
  let left: number = totals.gross
  const taken = [
    [LINE_NAME.own_atp, totals.ownAtp],
    [LINE_NAME.am, totals.am],
    [LINE_NAME.tax, totals.tax],
    [LINE_NAME.set_off, totals.setOff],
    [LINE_NAME.third_party, totals.thirdParty],
  ] as const
  for (const [name, amount] of taken) {
    if (amount === 0) continue
    left -= amount
    bars.push({ name, amount, from: left, kind: 'taken' })
  }
  bars.push({ name: LINE_NAME.net, amount: totals.net, from: 0, kind: 'left' })
  return bars
}

export function waterfall(totals: Amounts): Html {
  const bars = barsOf(totals)
  const height = bars.length * ROW
  const x = (ore: number): string => ((ore / totals.gross) * WIDTH).toFixed(1)
  return html`<svg viewBox="0 0 ${WIDTH} ${height}" role="img" aria-labelledby="billede-titel billede-tekst">
<title id="billede-titel">${EXPLAIN_PAGE.picture}</title>
<desc id="billede-tekst">${EXPLAIN_PAGE.pictureText(kroner(totals.gross), kroner(totals.net))}</desc>
${bars.map((bar, i) => {
  const y = i * ROW
  const edge = bar.kind === 'taken' ? bar.from : bar.from + bar.amount
  const step =
    i < bars.length - 1 &&
    html`<line class="step" x1="${x(edge)}" x2="${x(edge)}" y1="${y + 20 + BAR}" y2="${y + ROW + 20}"/>`
  const width = Math.max(1, (bar.amount / totals.gross) * WIDTH).toFixed(1)
  const amount = `${bar.kind === 'taken' ? '−' : ''}${kroner(bar.amount)}`
  return html`<text x="0" y="${y + 14}">${bar.name}</text>
<text class="amount" x="${WIDTH}" y="${y + 14}">${amount}</text>
<rect class="${bar.kind}" x="${x(bar.from)}" y="${y + 20}" width="${width}" height="${BAR}" rx="2"/>${step}
`
})}</svg>`
}
