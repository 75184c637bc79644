/**
 * The payment runs that a month is planned to have: by calendars that are data, the municipality's rail and closing
 * days, and the cut-off of each. What orders say decides when it comes. Pure. @da udbetalingskalender
 */
import { addDays, type Day, type Period, firstOfMonth, firstOfNextMonth, mondayOf, weekday } from '../../base/date.ts'
import type { Municipality } from '../../base/id.ts'
import type { RateReader } from './book.ts'
import { bankDayOnOrBefore, lastBankDayOfMonth, openPayDay } from './calendar.ts'
import { PAY_CALENDARS, PUBLISHED_ROUNDS } from './data/pay-calendars.ts'
import type { LocalRules } from './local-rules.ts'
import type { RailKey } from './rails.ts'
import type { Sourced } from './rate-book.ts'
import { closedDays, cutOff } from './run-times.ts'

export type PayDayRule =
  | { readonly kind: 'last_bank_day' }
  /** The last Thursday of the month; for the whole weeks since the last time, to the Sunday before. */
  | { readonly kind: 'weeks_to_last_thursday' }
  /** Every 14 days from a Thursday. */
  | { readonly kind: 'fortnightly'; readonly from: Day }

export interface PayCalendar extends Sourced {
  readonly calendar: string
  readonly nameDa: string
  /** Kind of the paying unit. */
  readonly unitKind: string
  /** Keys of the benefits that are paid by it. */
  readonly benefits: readonly string[]
  readonly rule: PayDayRule
  readonly valid: Period
}

/** A round of a calendar that somebody has published. */
export interface PublishedRound {
  readonly calendar: string
  readonly weeks: Period
  readonly paid: Day
  readonly source: string
}

/** @da planlagt udbetalingskørsel */
export interface PlannedRun extends Sourced {
  readonly municipality: Municipality
  readonly unit: number
  readonly unitKind: string
  readonly calendar: string
  readonly nameDa: string
  readonly benefits: readonly string[]
  readonly rail: RailKey
  readonly dispositionDate: Day
  /** The weeks that it pays for; undefined: the month. */
  readonly weeks: Period | undefined
  /** When the rail must have the file, at the latest: an instant. */
  readonly cutOff: string
}

/** By date, then unit; runs whose ordinary day lies in the month. */
export function plannedRuns(
  municipality: Municipality,
  month: Period,
  rates: RateReader,
  rules: LocalRules,
): PlannedRun[] {
  const closed = closedDays(rates, rules, municipality)
  const planned: PlannedRun[] = []
  for (const calendar of PAY_CALENDARS) {
    for (const due of payDays(calendar, month)) {
      const dispositionDate = openPayDay(due.paid, 0 as Day, closed)
      const unit = rates.units(municipality, dispositionDate).find((one) => one.kind === calendar.unitKind)
      if (unit === undefined || due.paid < calendar.valid.from || due.paid >= calendar.valid.to) continue
      const rail = rules.rail(unit.kind, dispositionDate)
      const { nameDa, benefits } = calendar
      planned.push({
        municipality,
        unit: unit.unit,
        unitKind: unit.kind,
        calendar: calendar.calendar,
        nameDa,
        benefits,
        rail,
        dispositionDate,
        weeks: due.weeks,
        cutOff: cutOff(rail, dispositionDate, rules, new Set(rates.book.closingDays)),
        source: due.source ?? calendar.source,
        assumed: due.source === undefined && calendar.assumed,
      })
    }
  }
  return planned.sort((a, b) => a.dispositionDate - b.dispositionDate || a.unit - b.unit)
}

interface PayDay {
  readonly paid: Day
  readonly weeks?: Period
  /** Of a published round. */
  readonly source?: string
}

/** The days of a calendar in a month, before the municipality's own closing days. */
export function payDays({ calendar, rule }: PayCalendar, month: Period): PayDay[] {
  switch (rule.kind) {
    case 'last_bank_day':
      return [{ paid: lastBankDayOfMonth(month.from) }]
    case 'weeks_to_last_thursday': {
      const weeks = { from: closingMonday(firstOfMonth(addDays(month.from, -1))), to: closingMonday(month.from) }
      const published = PUBLISHED_ROUNDS.find(
        (one) => one.calendar === calendar && one.paid >= month.from && one.paid < month.to,
      )
      return [published ?? { paid: bankDayOnOrBefore(lastThursday(month.from)), weeks }]
    }
    case 'fortnightly': {
      const days: PayDay[] = []
      const first = rule.from + Math.max(0, Math.ceil((month.from - rule.from) / 14)) * 14
      for (let at = first; at < month.to; at += 14) days.push({ paid: openPayDay(at as Day, 0 as Day) })
      return days
    }
  }
}

/** Of the month that a day lies in. */
function lastThursday(value: Day): Day {
  const last = addDays(firstOfNextMonth(value), -1)
  return addDays(last, -((weekday(last) + 3) % 7))
}

/** The Monday of the week in which a month's sygedagpenge are paid: weeks before it are. */
function closingMonday(month: Day): Day {
  return mondayOf(lastThursday(month))
}
