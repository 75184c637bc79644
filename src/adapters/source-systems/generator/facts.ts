/**
 * What the outside world knows when the month begins: tax cards, deaths and protections, and open claims. It follows
 * from the orders: whoever is paid and taxed has a card (or none), and every set-off has the claim that it is against.
 */
import { addDays, dayOf, firstOfMonth, formatDay } from '../../../base/date.ts'
import type { Day } from '../../../base/date.ts'
import { cardOf, cprOf } from './people.ts'
import { employerOf } from './plan-ksd.ts'
import type { PlannedLine, PlannedOrder, Setting } from './plan.ts'
import { periodText } from './print.ts'
import { below, between, chance, mix, stream } from './random.ts'
import type { Stream } from './random.ts'

function cardText(setting: Setting, cpr: string, kind: string, numbers: readonly number[], from: Day, to: Day): string {
  const { town } = setting
  const [rate, month, week, day, frikort] = numbers
  return (
    `{"record":"tax_card","municipality":"${town.text}","cpr":"${cpr}","se":"${town.cvr}","card":"${kind}",` +
    `"rate_percent":${rate},"allowance_month_ore":${month},"allowance_week_ore":${week},"allowance_day_ore":${day},` +
    `"frikort_left_ore":${frikort},"valid_from":"${formatDay(from)}","valid_to":"${formatDay(to)}"}\n`
  )
}

/** The year's card; a few are replaced on the 16th by one with another rate. */
function cards(setting: Setting, order: PlannedOrder, emit: (text: string) => void): void {
  const card = cardOf(setting.town, order.person)
  if (card === undefined) return
  const { year, month } = setting.dates
  const from = dayOf(year, 1, 1)
  const to = dayOf(year + 1, 1, 1)
  const yearly = card.monthly * 12
  const numbers = [
    card.rate,
    card.monthly * 100,
    Math.floor(yearly / 52) * 100,
    Math.floor(yearly / 365) * 100,
    card.frikortLeft * 100,
  ]
  if (card.laterRate === 0) {
    emit(cardText(setting, cprOf(setting.town, order.person), card.kind, numbers, from, to))
    return
  }
  const change = addDays(month.from, 15)
  emit(cardText(setting, cprOf(setting.town, order.person), card.kind, numbers, from, change))
  numbers[0] = card.laterRate
  emit(cardText(setting, cprOf(setting.town, order.person), card.kind, numbers, change, to))
}

function eventText(party: string, id: string, event: string, date: Day): string {
  return `{"record":"party_event","${party}":"${id}","event":"${event}","date":"${formatDay(date)}"}\n`
}

/** Deaths before the month (the remainder by 2,500 decides: about 0.04 %), protections, and a rare missing person. */
function events(setting: Setting, order: PlannedOrder, from: Stream, emit: (text: string) => void): void {
  const start = setting.dates.month.from
  const at = order.person % 2500
  if (at === 777)
    emit(eventText('cpr', cprOf(setting.town, order.person), 'death', addDays(start, -between(from, 1, 30))))
  else if (chance(from, 8)) {
    emit(
      eventText('cpr', cprOf(setting.town, order.person), 'name_protection', addDays(start, -between(from, 30, 900))),
    )
  } else if (at === 1777 && order.person % 10_000 === 1777) {
    emit(eventText('cpr', cprOf(setting.town, order.person), 'missing', addDays(start, -between(from, 30, 200))))
  }
}

const CAUSES = ['urigtig_oplysning', 'manglende_oplysning', 'dobbelt_forsoergelse', 'udbetalt_med_forbehold']

function claimText(setting: Setting, order: PlannedOrder, key: string, amount: number, from: Stream): string {
  const first = order.lines[0] as PlannedLine
  const back = between(from, 2, 14)
  let start = setting.dates.month.from
  for (let i = 0; i < back; i++) start = firstOfMonth(addDays(start, -1))
  const end = firstOfMonth(addDays(start, 31))
  const due = addDays(end, between(from, 20, 45))
  return (
    `{"record":"claim_opening","claim_key":"${key}","municipality":"${setting.town.text}",` +
    `"debtor":{"type":"cpr","id":"${cprOf(setting.town, order.person)}"},"benefit":"${first.component.benefit}",` +
    `${periodText(start, end)},"amount_ore":${amount},"due_date":"${formatDay(due)}",` +
    `"cause":"${CAUSES[below(from, CAUSES.length)]}"}\n`
  )
}

/** The facts behind one order, a line each. */
export function factsOf(setting: Setting, order: PlannedOrder, emit: (text: string) => void): void {
  for (const line of order.lines) {
    if (line.kind !== 'set_off') continue
    const from = stream(mix(setting.town.seed, line.amount ^ order.person))
    emit(claimText(setting, order, line.claimKey, line.amount * between(from, 1, 12), from))
  }
  if (order.tells === 'nothing') return
  const from = stream(mix(mix(setting.town.seed, 0xfac7), order.person))
  const taxable = (order.lines[0] as PlannedLine).component.taxable
  if (order.tells === 'card_and_events' && taxable) cards(setting, order, emit)
  events(setting, order, from, emit)
  // A debt that nobody takes anything for this month.
  if (taxable && chance(from, 4)) {
    emit(claimText(setting, order, `${order.key}-G`, 100 * between(from, 300, 14_000), from))
  }
}

/** In a larger town one employer has gone bankrupt and one has closed. */
export function companyFacts(setting: Setting, emit: (text: string) => void): void {
  const { town, counts, dates } = setting
  if (counts.employees < 300) return
  const bankrupt = employerOf(town, 1)
  const closed = employerOf(town, 2)
  emit(eventText('cvr', bankrupt, 'bankruptcy', addDays(dates.month.from, -12)))
  if (closed !== bankrupt) emit(eventText('cvr', closed, 'closed', addDays(dates.month.from, -40)))
}
