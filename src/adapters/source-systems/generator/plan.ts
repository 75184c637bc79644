/**
 * What an order will say, before it is text: so that a file's envelope can be reckoned without writing the file.
 * Facts (tax cards, openings of claims) follow from the same plans.
 */
import type { Day } from '../../../base/date.ts'
import type { LineKind, QuantityUnit, Settle, SourceSystem } from '../../../modules/orders/index.ts'
import type { Component } from './benefits.ts'
import type { MonthDates } from './month-dates.ts'
import type { Town } from './people.ts'
import { between, below, chance, mix, stream } from './random.ts'
import type { Stream } from './random.ts'
import type { Counts } from './volumes.ts'

/** One municipality, one month, one size. */
export interface Setting {
  readonly town: Town
  readonly dates: MonthDates
  readonly counts: Counts
}

export interface PlannedLine {
  kind: LineKind
  component: Component
  /** Whole øre. */
  amount: number
  from: Day
  to: Day
  unit: QuantityUnit
  value: string
  repayable: boolean
  text: string
  /** An employer's refund: the order's citizen is the employee. */
  ofEmployee: boolean
  reference: string
  claimKey: string
  /** CVR number of a third party; '' otherwise. */
  payee: string
  /** `order_key/line_key`; '' when nothing is vouched for. */
  notDuplicateOf: string
}

export interface PlannedOrder {
  key: string
  system: SourceSystem
  /** The beneficiary, a number in the town; the CPR number is made when it is written. */
  person: number
  /** CVR number of a company that is paid instead of the citizen; ''. */
  payeeCvr: string
  disposition: Day
  settle: Settle
  decided: Day
  vip: boolean
  /** Whether the person's facts are told by this order: each person once, and a tax card only where tax is taken. */
  tells: 'nothing' | 'events' | 'card_and_events'
  lines: PlannedLine[]
}

/** Udbetaling Danmark, which collects child contributions. Assumed: its first seven digits and their check digit. */
const CHILD_CONTRIBUTION_CVR = '33236492'

/** A system's orders of a month, by number from 0. */
export interface SystemPlan {
  readonly system: SourceSystem
  readonly orders: number
  readonly plan: (number: number) => PlannedOrder
}

export function orderKey(setting: Setting, system: SourceSystem, number: number): string {
  const { town, dates } = setting
  return `${system}-${dates.text}-${town.text}-${String(number + 1).padStart(7, '0')}`
}

export function streamOf(setting: Setting, system: SourceSystem, number: number): Stream {
  const salt = system === 'KY' ? 0x11 : system === 'KSD' ? 0x22 : 0x33
  return stream(mix(mix(setting.town.seed, setting.dates.month.from), mix(salt, number)))
}

/** An order of one citizen, without lines yet. */
export function planned(key: string, system: SourceSystem, person: number, disposition: Day, from: Stream) {
  const order: PlannedOrder = {
    key,
    system,
    person,
    payeeCvr: '',
    disposition,
    settle: 'on_disposition_date',
    decided: (disposition - between(from, 4, 25)) as Day,
    vip: below(from, 2000) === 0,
    tells: 'card_and_events',
    lines: [],
  }
  return order
}

/** A benefit line for the month. */
export function monthly(setting: Setting, component: Component, amount: number): PlannedLine {
  const { month, nameDa, year } = setting.dates
  const text = `${component.text} ${nameDa} ${year}`
  return benefitLine(component, amount, month.from, month.to, 'month', '1', text)
}

export function benefitLine(
  component: Component,
  amount: number,
  from: Day,
  to: Day,
  unit: QuantityUnit,
  value: string,
  text: string,
): PlannedLine {
  return {
    kind: 'benefit',
    component,
    amount,
    from,
    to,
    unit,
    value,
    repayable: false,
    text,
    ofEmployee: false,
    reference: '',
    claimKey: '',
    payee: '',
    notDuplicateOf: '',
  }
}

/** Whole kroner, in øre, of a share of an amount in per cent. */
export function perCent(amount: number, share: number): number {
  return Math.floor((amount * share) / 10_000) * 100
}

/** A deduction from the order's net; it borrows component and period from the order's first line. */
function deduction(order: PlannedOrder, kind: LineKind, amount: number): PlannedLine {
  const first = order.lines[0] as PlannedLine
  const line = benefitLine(first.component, amount, first.from, first.to, first.unit, first.value, '')
  line.kind = kind
  return line
}

/**
 * Set-off and third parties. Even 55 % tax, AM-bidrag and ATP leave 39 % of the gross, and all deductions together
 * stay below 38 %: none is larger than the net.
 */
export function deduct(setting: Setting, order: PlannedOrder, from: Stream, rent: string, perMille: Chances): void {
  let gross = 0
  for (const line of order.lines) gross += line.amount
  const draw = below(from, 1000)
  if (chance(from, perMille.setOff)) {
    const line = deduction(order, 'set_off', perCent(gross, between(from, 2, 7)))
    line.claimKey = `${order.key}-F`
    if (line.amount > 0) order.lines.push(line)
  }
  if (draw < perMille.rent) {
    const line = deduction(order, 'third_party', perCent(gross, between(from, 18, 30)))
    line.payee = rent
    line.reference = `husleje ${setting.dates.text} lejemål ${between(from, 1, 480)}-${between(from, 1, 60)}`
    if (line.amount > 0) order.lines.push(line)
  } else if (draw < perMille.rent + perMille.child) {
    const line = deduction(order, 'third_party', Math.min(between(from, 150, 164) * 1000, perCent(gross, 30)))
    line.payee = CHILD_CONTRIBUTION_CVR
    line.reference = `børnebidrag ${between(from, 1_000_000, 9_999_999)}`
    if (line.amount > 0) order.lines.push(line)
  }
}

export interface Chances {
  readonly setOff: number
  readonly rent: number
  readonly child: number
}

/** Another order about the same: a suspected duplicate, or one that the source vouches is another payment. */
export function doubled(original: PlannedOrder, key: string, vouched: boolean): PlannedOrder {
  const first = original.lines[0] as PlannedLine
  const line: PlannedLine = { ...first }
  if (vouched) {
    line.amount = Math.max(100, perCent(first.amount, 25))
    line.text = `${first.text}, efterbetaling`
    line.notDuplicateOf = `${original.key}/1`
  }
  return { ...original, key, tells: 'nothing', lines: [line] }
}
