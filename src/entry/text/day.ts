/** The match of a day in plain Danish, and for machines. */
import { danishText } from '../../base/danish-time.ts'
import { formatDay } from '../../base/date.ts'
import { municipalityText } from '../../base/id.ts'
import type { DayItem, DayMatch, DayReason, DaySystem } from '../../modules/reconciliation/index.ts'
import { closingFindingText } from './findings.ts'
import { countText, kroner } from './lines.ts'
import { PURPOSE } from './pages.ts'

const WHY: Readonly<Record<DayReason, string>> = {
  returned: 'returneret',
  in_transit: 'sendt, ikke bogført af banken',
  not_told: 'ikke fortalt ERP endnu',
  told_before: 'betalt igen; fortalt ERP med det første forsøg',
}
const WIDTH = 44

function row(name: string, ore: number, payments?: number): string {
  const count = payments === undefined ? '' : `${countText(payments)} `
  return `${`  ${name}`.padEnd(WIDTH)}${count.padStart(10)}${kroner(ore).padStart(24)}`
}

function itemRows({ why, payments, ore, named }: DayItem): string[] {
  const more = payments > named.length ? ' …' : ''
  return [row(`  ${WHY[why]}`, ore, payments), ...(named.length === 0 ? [] : [`      ${named.join(', ')}${more}`])]
}

function systemRows(one: DaySystem): string[] {
  return [
    one.source_system,
    row('sendt', one.sent.ore, one.sent.payments),
    row('modtaget af banken', one.accepted.ore, one.accepted.payments),
    row('returneret', one.returned.ore, one.returned.payments),
    row('bogført af banken', one.bank_ore),
    row('fortalt ERP', one.erp_ore),
    row('forskel, ERP og bank', one.difference_ore),
    ...one.explained.flatMap(itemRows),
    '',
  ]
}

/** What stands in the way, line by line. */
function objectionRows({ unexplained, findings, waits }: DayMatch): string[] {
  return [
    ...unexplained.map(({ what, ore }) => {
      const [purpose = '', ...of] = what.split(' ')
      return `UFORKLARET ${[PURPOSE[purpose] ?? purpose, ...of].join(' ')}: ${kroner(ore)}`
    }),
    ...findings.map((one) => `FUND ${closingFindingText(one)}`),
    ...waits.map(({ what, payments, ore }) => {
      const who = what === 'due' ? 'Beregnet og i ingen kørsel' : `Kørsel ${what}`
      return `VENTER ${who}: ${countText(payments)}, ${kroner(ore)}`
    }),
  ]
}

export function dayText(match: DayMatch): string {
  const { municipality, day, after, systems, approved, bank_ore, view } = match
  const since = after === null ? 'alle dage til og med den' : `dagene efter ${formatDay(after)}`
  const objections = objectionRows(match)
  const end =
    approved !== undefined
      ? `Godkendt af ${approved.by} ${danishText(approved.at)}, til og med ${formatDay(approved.day)}.`
      : objections.length > 0
        ? 'Kan ikke godkendes.'
        : `Alt er forklaret. Godkend med: --approve --view ${view}`
  const lines = [
    `Dagsafstemning ${municipalityText(municipality)} ${formatDay(day)}: ${since}, efter dispositionsdato`,
    '',
    ...systems.flatMap(systemRows),
    row('Banken i alt', bank_ore),
    ...objections,
    end,
  ]
  return `${lines.join('\n')}\n`
}

export function dayJson(match: DayMatch) {
  const { municipality, day, after, approved, findings, ...rest } = match
  return {
    municipality: municipalityText(municipality),
    day: formatDay(day),
    after: after === null ? null : formatDay(after),
    ...rest,
    findings: findings.map(({ what, ref, detail }) => ({ what, ref, detail })),
    approved_until: approved === undefined ? null : formatDay(approved.day),
    approved_by: approved?.by ?? null,
    approved_at: approved?.at ?? null,
  }
}
