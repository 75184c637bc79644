/** `toek explain`: the specification as plain text, at most 100 columns wide. */
import { type Ore, formatKroner } from '../../base/money.ts'
import { municipalityText } from '../../base/id.ts'
import type { Specification, SpecifiedItem } from '../../modules/overview/index.ts'
import * as text from '../text/index.ts'

const WIDTH = 100
const NAME = 30
const AMOUNT = 14

export function explainText(spec: Specification, unmasked = false): string {
  const out: string[] = [heading(spec)]
  out.push(pair(text.EXPLAIN_PAGE.municipality, `${municipalityText(spec.municipality)} ${spec.municipalityName}`))
  out.push(pair(text.EXPLAIN_PAGE.payee, text.partyText(spec.payee, unmasked)))
  for (const payment of spec.payments) {
    if (spec.subject.kind === 'order') out.push(pair(text.COLUMN.payment, payment.endToEndId))
    out.push(pair(text.EXPLAIN_PAGE.amount, text.kroner(payment.amount)))
    out.push(pair(text.EXPLAIN_PAGE.date, text.dateText(payment.dispositionDate)))
    out.push(pair(text.EXPLAIN_PAGE.state, text.PAYMENT_STATE[payment.state]))
    out.push(...wrap(text.paymentStateText(payment), 2))
    out.push(...wrap(`${text.EXPLAIN_PAGE.specification}. ${text.specificationText(payment)}`, 2))
  }
  const stopped = spec.waiting
  if (text.stopsOrder(stopped)) out.push(...wrap(text.waitingText(stopped), 0))
  if (spec.refunds.length > 0) out.push('', ...refundsText(spec, unmasked))
  for (const item of spec.items) out.push('', ...itemText(item, unmasked))
  for (const one of spec.untaken) out.push('', ...wrap(text.untakenText(one), 0))
  for (const one of spec.repayments)
    out.push('', ...wrap(`${text.EXPLAIN_PAGE.repayment}: ${text.repaymentText(one)}`, 0))
  for (const one of spec.changes) out.push('', ...wrap(text.changeText(one, unmasked), 0))
  for (const one of spec.corrections) out.push('', ...wrap(text.correctionText(one), 0))
  for (const one of spec.payeeNotes) out.push('', ...wrap(text.payeeNoteText(one, unmasked), 0))
  for (const one of spec.references) out.push('', ...wrap(text.referenceText(one), 0))
  for (const one of spec.arrangements) out.push('', ...wrap(text.arrangementText(one, unmasked), 0))
  if (spec.items.length > 1) out.push('', ...totalsText(spec))
  return `${out.join('\n')}\n`
}

function heading(spec: Specification): string {
  const { subject } = spec
  const what =
    subject.kind === 'payment'
      ? text.EXPLAIN_PAGE.payment(subject.endToEndId)
      : text.EXPLAIN_PAGE.order(subject.orderKey, subject.version)
  return `${text.EXPLAIN_PAGE.title} ${what}\n`
}

function pair(name: string, value: string): string {
  return `${name.padEnd(NAME)}${value}`
}

function row(name: string, amount: Ore, sign: '' | '-'): string {
  return `  ${name.padEnd(NAME - 2)}${`${sign}${formatKroner(amount)}`.padStart(AMOUNT)}`
}

function itemText(item: SpecifiedItem, unmasked: boolean): string[] {
  const out = [
    `${item.benefitName}, ${text.periodText(item.period)}`,
    pair(text.COLUMN.order, `${item.orderKey} (${item.sourceSystem}), ${item.lineKey}`),
  ]
  if (item.concerns !== undefined) out.push(pair(text.EXPLAIN_PAGE.concerns, text.partyText(item.concerns, unmasked)))
  if (text.isRedated(item)) out.push(pair(text.EXPLAIN_PAGE.orderedFor, text.orderedForText(item.orderedFor)))
  if (item.reference !== undefined) out.push(pair(text.EXPLAIN_PAGE.reference, item.reference))
  const { calculation } = item
  if (calculation === undefined) out.push(row(text.EXPLAIN_PAGE.notCalculated, item.gross, ''))
  else {
    let beside = false
    for (const line of calculation.lines) {
      if (text.BESIDE.has(line.kind) && !beside) {
        out.push(`  ${text.EXPLAIN_PAGE.beside}:`)
        beside = true
      }
      const taken = !beside && line.kind !== 'gross' && line.kind !== 'net' && line.amount > 0
      out.push(row(text.LINE_NAME[line.kind], line.amount, taken ? '-' : ''))
      for (const sentence of text.lineSentences(line, item, unmasked)) out.push(...wrap(sentence, 6))
      const assumed = line.assumed ? ` (${text.ASSUMED})` : ''
      out.push(...wrap(`${text.EXPLAIN_PAGE.source}: ${text.sourceText(line, item)}${assumed}`, 6))
    }
  }
  if (item.waiting !== undefined && !text.stopsOrder(item.waiting)) out.push(...wrap(text.waitingText(item.waiting), 2))
  out.push(...axesText(item))
  return out
}

function axesText(item: SpecifiedItem): string[] {
  const paid = item.axes.paid.map((part) =>
    part.endToEndId === undefined || part.state === undefined
      ? `${text.kroner(part.amount)} –`
      : `${text.kroner(part.amount)} ${part.endToEndId} ${text.PAYMENT_STATE[part.state]}`,
  )
  const names = ['reported', 'posted', 'reimbursed'] as const
  return [
    ...paid.map((one, i) => `  ${(i === 0 ? text.AXIS_NAME.paid : '').padEnd(NAME - 2)}${one}`),
    ...names.map((name) => `  ${text.AXIS_NAME[name].padEnd(NAME - 2)}${text.axisText(name, item.axes[name])}`),
  ]
}

function refundsText(spec: Specification, unmasked: boolean): string[] {
  const rows = spec.refunds.map((one) => {
    const party = text.partyText(one.employee, unmasked).padEnd(18)
    const amount = formatKroner(one.amount).padStart(AMOUNT)
    return `  ${party}${text.periodText(one.period).padEnd(40)}${amount}  ${text.refundText(one)}`
  })
  const sum = spec.refunds.reduce((all, one) => all + one.amount, 0)
  const total = `  ${text.EXPLAIN_PAGE.total.padEnd(58)}${formatKroner(sum).padStart(AMOUNT)}`
  return [
    text.EXPLAIN_PAGE.employees,
    ...rows.flatMap((line) => (line.length <= WIDTH ? line : wrap(line.trim(), 2))),
    total,
  ]
}

function totalsText(spec: Specification): string[] {
  const { totals } = spec
  const out = [text.EXPLAIN_PAGE.total, row(text.LINE_NAME.gross, totals.gross, '')]
  const taken = [
    ['own_atp', totals.ownAtp],
    ['am', totals.am],
    ['tax', totals.tax],
    ['set_off', totals.setOff],
    ['third_party', totals.thirdParty],
  ] as const
  for (const [kind, amount] of taken) if (amount > 0) out.push(row(text.LINE_NAME[kind], amount, '-'))
  if (spec.items.some((item) => item.calculation !== undefined)) out.push(row(text.LINE_NAME.net, totals.net, ''))
  if (spec.subject.kind === 'payment') out.push(row(text.EXPLAIN_PAGE.here, totals.paidHere, ''))
  return out
}

/** Words on lines of at most WIDTH columns; a word that is longer is cut. */
function wrap(sentence: string, indent: number): string[] {
  const room = WIDTH - indent
  const lines: string[] = []
  let line = ''
  for (const word of sentence.split(' ').flatMap((one) => one.match(new RegExp(`.{1,${room}}`, 'gsu')) ?? [])) {
    if (line !== '' && line.length + 1 + word.length > room) {
      lines.push(line)
      line = word
    } else line = line === '' ? word : `${line} ${word}`
  }
  if (line !== '') lines.push(line)
  return lines.map((one) => ' '.repeat(indent) + one)
}
