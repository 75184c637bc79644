/** The closing table on a terminal. */
import { formatKroner } from '../../base/money.ts'
import { municipalityText } from '../../base/id.ts'
import type { Closing } from '../closing.ts'
import { closingFindingText, countText, PURPOSE, RECEIVER } from '../text/index.ts'

type Row = readonly [string, keyof Closing, 'ore' | 'count']

const OF_THE_MONTH: readonly Row[] = [
  ['Ordrer', 'orders', 'count'],
  ['  afvist', 'orders_refused', 'count'],
  ['  tilbageholdt', 'orders_held', 'count'],
  ['Brutto', 'gross_ore', 'ore'],
  ['  egen ATP', 'own_atp_ore', 'ore'],
  ['  AM-bidrag', 'am_ore', 'ore'],
  ['  A-skat', 'tax_ore', 'ore'],
  ['  modregning', 'set_off_ore', 'ore'],
  ['  tredjepart', 'third_party_ore', 'ore'],
  ['Netto', 'net_ore', 'ore'],
  ['Kommunens ATP', 'employer_atp_ore', 'ore'],
  ['Obligatorisk pension', 'pension_ore', 'ore'],
]

/** Like the clearing accounts they are of all that there is: a payment of one month is answered in the next. */
const SINCE_THE_FIRST: readonly Row[] = [
  ['Betalinger sendt', 'payments_sent', 'count'],
  ['  modtaget af banken', 'payments_accepted', 'count'],
  ['  returneret', 'payments_returned', 'count'],
  ['Bank', 'bank_ore', 'ore'],
]

const WIDTH = 22
/** Of a clearing account: what it is for, and whose. */
const NAME = 58
/** Clearing accounts that are listed one by one for this many municipalities; beyond it they are summed. */
const LISTED_MUNICIPALITIES = 3

export function closingTable(closing: Closing): string {
  const lines = [`Afslutning af ${closing.month}`, '']
  lines.push(...OF_THE_MONTH.map((row) => rowText(closing, row)))
  lines.push('', 'Fra den første måned til nu:', ...SINCE_THE_FIRST.map((row) => rowText(closing, row)))
  lines.push(
    '',
    `${'Mellemregningskonti'.padEnd(NAME + 2)}${'saldo'.padStart(20)}${'forklaret'.padStart(20)}${'åbne poster'.padStart(14)}`,
  )
  for (const row of accountRows(closing)) lines.push(row)
  lines.push('', `Uforklaret ${formatKroner(closing.unexplained_ore)} kr.`)
  lines.push('', 'Sammenholdt med andres bøger:')
  for (const one of closing.compared) {
    lines.push(
      `  ${one.agrees ? 'stemmer' : 'AFVIGER'}  ${one.what} mod ${RECEIVER[one.with] ?? one.with}: ${formatKroner(one.ours)} kr.`,
    )
  }
  lines.push(`  ikke sammenholdt: ${closing.not_compared.join(', ')}`)
  for (const finding of closing.findings.slice(0, 20)) {
    lines.push(`  FUND ${municipalityText(finding.municipality)} ${closingFindingText(finding)}`)
  }
  if (closing.findings.length > 20) lines.push(`  … og ${closing.findings.length - 20} fund til`)
  return `${lines.join('\n')}\n`
}

function rowText(closing: Closing, [name, key, kind]: Row): string {
  const value = closing[key] as number
  return `${name.padEnd(WIDTH)}${(kind === 'ore' ? `${formatKroner(value)} kr.` : countText(value)).padStart(WIDTH)}`
}

function accountRows(closing: Closing): string[] {
  const municipalities = new Set(closing.clearing_accounts.map((row) => row.municipality))
  const sums = new Map<string, { balance: number; explained: number; items: number }>()
  for (const row of closing.clearing_accounts) {
    const own = municipalities.size <= LISTED_MUNICIPALITIES ? `${municipalityText(row.municipality)} ` : ''
    const name = `${own}${PURPOSE[row.purpose] ?? row.purpose}${row.source_system === null ? '' : ` ${row.source_system}`}`
    const sum = sums.get(name) ?? { balance: 0, explained: 0, items: 0 }
    sum.balance += row.balance_ore
    sum.explained += row.explained_ore
    sum.items += row.open_items
    sums.set(name, sum)
  }
  return [...sums].map(
    ([name, sum]) =>
      `  ${name.padEnd(NAME)}${formatKroner(sum.balance).padStart(20)}${formatKroner(sum.explained).padStart(20)}${countText(sum.items).padStart(14)}`,
  )
}
