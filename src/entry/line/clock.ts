/**
 * The business clock of a scripted month: every time in it follows from the month and its calendar alone, so that a run
 * that was killed and resumed writes the same times as one that was not.
 */
import { type Day, formatDay, type Period } from '../../base/date.ts'
import { addBankDays, lastBankDayOfMonth } from '../../modules/rates/index.ts'

export interface MonthClock {
  /** The first day of the month. */
  readonly from: Day
  readonly intake: string
  readonly calculated: string
  assembled(disposition: Day): string
  approved(disposition: Day): string
  released(disposition: Day): string
  /** What is about a day before the month comes late: it is known when the month begins, and no sooner. */
  answered(disposition: Day): string
  /** The statement of a booking date comes in the evening; of one before the month as above. */
  statement(booking: Day): string
  /** On the day by which a month is to be told to the income register, when its last statement is in. */
  readonly told: string
  readonly closed: string
}

/** The later of two business times: what is assembled late is neither approved nor sent before. */
export function later(one: string, other: string): string {
  return one > other ? one : other
}

export function monthClock(month: Period): MonthClock {
  const at = (day: Day, time: string): string => `${formatDay(day)}T${time}+00:00`
  const before = (disposition: Day): Day => addBankDays(disposition, -2)
  const intake = at(month.from, '05:00:00')
  return {
    from: month.from,
    intake,
    calculated: at(month.from, '06:00:00'),
    assembled: (day) => at(before(day), '07:00:00'),
    approved: (day) => at(before(day), '09:00:00'),
    released: (day) => at(before(day), '09:05:00'),
    answered: (day) => (day < month.from ? intake : at(before(day), '12:00:00')),
    statement: (day) => (day < month.from ? intake : at(day, '18:00:00')),
    told: at(lastBankDayOfMonth(month.from), '19:00:00'),
    closed: at(addBankDays(month.to, 3), '20:00:00'),
  }
}
