/** The first day on which a payment can be made that does not wait for an ordinary run. */
import { type Day, day } from '../../base/date.ts'
import { type ExtraClosingDays, isBankDay, nextBankDay } from './calendar.ts'
import type { RailRow } from './rails.ts'

/** Danish time of a moment, summer time too: `YYYY-MM-DD` and `HH:MM`. */
const DANISH = new Intl.DateTimeFormat('sv-SE', {
  timeZone: 'Europe/Copenhagen',
  dateStyle: 'short',
  timeStyle: 'short',
})

/** The same bank day where the rail can and it is early enough there; else the next. @da akut udbetaling */
export function acuteDay(at: string, rail: Pick<RailRow, 'sameDayBefore'>, closed?: ExtraClosingDays | undefined): Day {
  const [date = '', time = ''] = DANISH.format(new Date(at)).split(' ')
  const today = day(date)
  if (isBankDay(today, closed) && time < rail.sameDayBefore) return today
  return nextBankDay(today, closed)
}
