/** «Hvorfor dette beløb?»: one payment or order, taken apart to the øre. */
import { formatKroner } from '../../../base/money.ts'
import { municipalityText } from '../../../base/id.ts'
import type { CalculationLine } from '../../../modules/effectuation/index.ts'
import type { Specification, SpecifiedItem, SpecifiedPart, SpecifiedPayment } from '../../../modules/overview/index.ts'
import { alert, badge } from '../components/alert.ts'
import { link, section } from '../components/section.ts'
import { type Cell, list, type Row, table } from '../components/table.ts'
import { waterfall } from '../components/waterfall.ts'
import { html, type Html } from '../html.ts'
import type { Page } from '../layout.ts'
import { paths } from '../paths.ts'
import * as text from '../../text/index.ts'

const T = text.EXPLAIN_PAGE

export function explainPage(icons: string, spec: Specification): Page {
  const { subject } = spec
  const stopped = spec.waiting
  return {
    title: T.title,
    lead: subject.kind === 'payment' ? T.payment(subject.endToEndId) : T.order(subject.orderKey, subject.version),
    body: html`${text.stopsOrder(stopped) && alert(icons, 'warning', T.waiting, text.waitingText(stopped))}
${spec.payments.map((one) => one.state === 'returned' && alert(icons, 'error', T.returned, text.paymentStateText(one)))}
${summary(spec)}
${picture(spec)}
${spec.refunds.length > 0 && refunds(spec)}
${items(spec)}
${remarks(spec)}`,
  }
}

/** Items of one payment that are shown whole; an employer may have hundreds. */
const ITEMS_SHOWN = 100

function items(spec: Specification): Html {
  const shown = html`${spec.items.slice(0, ITEMS_SHOWN).map((item, i) => itemSection(spec, item, i))}
${spec.items.length > ITEMS_SHOWN && html`<p>${text.MONTH_PAGE.of(ITEMS_SHOWN, spec.items.length)}</p>`}`
  if (spec.refunds.length === 0) return shown
  return html`<details class="details toek-section"><summary class="details-summary">${T.each}</summary>
<div>${shown}</div></details>`
}

function summary(spec: Specification): Html {
  const { subject } = spec
  const rows: [string, Cell][] = [
    [T.payee, text.partyText(spec.payee)],
    [T.municipality, `${spec.municipalityName} (${municipalityText(spec.municipality)})`],
  ]
  if (subject.kind === 'order' && subject.versions.length > 1) {
    const url = (version: number) => paths.order(spec.municipality, subject.sourceSystem, subject.orderKey, version)
    const versions = subject.versions.map((version) =>
      version === subject.version ? html`<strong>${version}</strong> ` : html`${link(url(version), String(version))} `,
    )
    rows.push([T.versions, html`${versions}`])
  }
  for (const payment of spec.payments) {
    if (subject.kind === 'order') rows.push([text.COLUMN.payment, paymentLink(payment.endToEndId)])
    rows.push(
      [T.amount, html`<strong>${text.kroner(payment.amount)}</strong>`],
      [T.date, text.dateText(payment.dispositionDate)],
      [T.state, state(payment)],
      [T.specification, text.specificationText(payment)],
    )
  }
  return section('kort', T.summary, list(rows))
}

/** A returned payment has its sentence in the message above. */
function state(payment: SpecifiedPayment): Html {
  const sentence = payment.state !== 'returned' && text.paymentStateText(payment)
  return html`${badge(text.STATE_TONE[payment.state], text.PAYMENT_STATE[payment.state])} ${sentence}`
}

function paymentLink(endToEndId: string): Html {
  return link(paths.payment(endToEndId), endToEndId)
}

function picture(spec: Specification): Html | false {
  const { totals } = spec
  // Nothing was taken: then there is nothing to see.
  if (totals.gross === totals.net || spec.items.every((item) => item.calculation === undefined)) return false
  const rows: Row[] = [{ cells: [text.LINE_NAME.gross, formatKroner(totals.gross)] }]
  const taken = [
    ['own_atp', totals.ownAtp],
    ['am', totals.am],
    ['tax', totals.tax],
    ['set_off', totals.setOff],
    ['third_party', totals.thirdParty],
  ] as const
  for (const [kind, amount] of taken) {
    if (amount > 0) rows.push({ cells: [text.LINE_NAME[kind], `−${formatKroner(amount)}`], sub: true })
  }
  rows.push({ cells: [text.LINE_NAME.net, formatKroner(totals.net)], total: true })
  if (spec.subject.kind === 'payment' && totals.paidHere !== totals.net) {
    rows.push({ cells: [T.here, formatKroner(totals.paidHere)], total: true })
  }
  const columns = [{ title: T.line }, { title: T.lineAmount, number: true }]
  const figure = html`<div class="toek-figure">${waterfall(totals)}<div>${table(T.pictureTable, columns, rows)}</div></div>`
  return section('billede', T.picture, figure)
}

function refunds(spec: Specification): Html {
  const columns = [
    { title: T.employee },
    { title: T.period },
    { title: T.reference },
    { title: T.lineAmount, number: true },
  ]
  const rows: Row[] = spec.refunds.map((one) => ({
    cells: [text.partyText(one.employee), text.periodText(one.period), text.refundText(one), formatKroner(one.amount)],
  }))
  const total = spec.refunds.reduce((sum, one) => sum + one.amount, 0)
  rows.push({ cells: [T.total, '', '', formatKroner(total)], total: true })
  const caption = spec.payments.length > 0 ? T.employeesCaption : T.employeesAsked
  return section('medarbejdere', T.employees, table(caption, columns, rows))
}

function itemSection(spec: Specification, item: SpecifiedItem, index: number): Html {
  const title = `${item.benefitName}, ${text.periodText(item.period)}`
  const order = link(paths.order(spec.municipality, item.sourceSystem, item.orderKey, item.version), item.orderKey)
  const facts: [string, Cell][] = [
    [text.COLUMN.order, html`${order} (${item.sourceSystem}), ${T.lineOf(item.lineKey)}`],
  ]
  if (item.concerns !== undefined) facts.push([T.concerns, text.partyText(item.concerns)])
  if (text.isRedated(item)) facts.push([T.orderedFor, text.orderedForText(item.orderedFor)])
  if (item.reference !== undefined) facts.push([T.reference, item.reference])
  if (item.calculation === undefined) facts.push([T.notCalculated, text.kroner(item.gross)])
  if (item.waiting !== undefined && !text.stopsOrder(item.waiting))
    facts.push([T.waiting, text.waitingText(item.waiting)])
  return section(
    `post-${index + 1}`,
    title,
    html`${list(facts)}
${lines(item, title)}
${axes(item, title)}`,
  )
}

function lines(item: SpecifiedItem, title: string): Html | false {
  const { calculation } = item
  if (calculation === undefined) return false
  const columns = [{ title: T.line }, { title: T.lineAmount, number: true }, { title: T.why }]
  const row = (line: CalculationLine): Row => {
    const whole = line.kind === 'gross' || line.kind === 'net'
    const beside = text.BESIDE.has(line.kind)
    return {
      total: line.kind === 'net',
      cells: [
        text.LINE_NAME[line.kind],
        `${whole || beside || line.amount === 0 ? '' : '−'}${formatKroner(line.amount)}`,
        why(line, item),
      ],
    }
  }
  const own = calculation.lines.filter((line) => !text.BESIDE.has(line.kind))
  const beside = calculation.lines.filter((line) => text.BESIDE.has(line.kind))
  return html`${table(title, columns, own.map(row))}${beside.length > 0 && table(T.beside, columns, beside.map(row))}`
}

function why(line: CalculationLine, item: SpecifiedItem): Html {
  const assumed = line.assumed && html` ${badge('warning', T.assumed)} <span class="sr-only">${text.ASSUMED}</span>`
  return html`<div class="toek-why">${text.lineSentences(line, item).map((one) => html`<p>${one}</p>`)}
<p class="toek-source">${T.source}: ${text.sourceText(line, item)}${assumed}</p></div>`
}

function axes(item: SpecifiedItem, title: string): Html {
  // What stops the whole order is said at the top of the page.
  const waiting = item.waiting === undefined || text.stopsOrder(item.waiting) ? '–' : text.waitingText(item.waiting)
  const paid = item.axes.paid.length === 0 ? waiting : html`<div class="toek-why">${item.axes.paid.map(paidPart)}</div>`
  const names = ['reported', 'posted', 'reimbursed'] as const
  const rows: Row[] = [
    { cells: [text.AXIS_NAME.paid, paid] },
    ...names.map((name) => ({ cells: [text.AXIS_NAME[name], text.axisText(name, item.axes[name])] })),
  ]
  return html`<h3>${T.axes}</h3>${table(`${T.axes}: ${title}`, [{ title: T.track }, { title: T.state }], rows)}`
}

function paidPart(part: SpecifiedPart): Html {
  const payment = part.endToEndId !== undefined && paymentLink(part.endToEndId)
  const state = part.state !== undefined && badge(text.STATE_TONE[part.state], text.PAYMENT_STATE[part.state])
  return html`<p>${text.kroner(part.amount)} ${payment} ${state}</p>`
}

function remarks(spec: Specification): Html {
  const items = (sentences: readonly string[]): Html => html`<ul>${sentences.map((one) => html`<li>${one}</li>`)}</ul>`
  const payees = [
    ...spec.payeeNotes.map((one) => text.payeeNoteText(one)),
    ...spec.references.map(text.referenceText),
    ...spec.arrangements.map((one) => text.arrangementText(one)),
  ]
  const changes = spec.changes.map((one) => text.changeText(one))
  return html`${changes.length > 0 && section('aendringer', T.changes, items(changes))}
${payees.length > 0 && section('modtager', T.payees, items(payees))}
${spec.untaken.length > 0 && section('rest', T.untaken, items(spec.untaken.map(text.untakenText)))}
${spec.repayments.length > 0 && section('krav', T.repayments, items(spec.repayments.map(text.repaymentText)))}
${spec.corrections.length > 0 && section('reguleringer', T.corrections, items(spec.corrections.map(text.correctionText)))}`
}
