/** Days and Danish time as the index wants them: ISO 8601 with the offset of Denmark. */
import { civil, dayOf, formatDay, weekday, type Day } from '../../base/date.ts'

/** The beginning of a day in Denmark. */
export function moment(day: Day): string {
  return `${formatDay(day)}T00:00:00${offset(day, 0)}`
}

/** Danish time from UTC: summer time from 2 on the last Sunday of March to 3 on the last of October (2000/84/EF). */
export function offset(day: Day, hour: number): '+01:00' | '+02:00' {
  const { year } = civil(day)
  const begins = lastSunday(year, 3)
  const ends = lastSunday(year, 10)
  if (day === begins) return hour >= 2 ? '+02:00' : '+01:00'
  if (day === ends) return hour >= 3 ? '+01:00' : '+02:00'
  return day > begins && day < ends ? '+02:00' : '+01:00'
}

function lastSunday(year: number, month: 3 | 10): Day {
  const last = dayOf(year, month, 31)
  return (last - (weekday(last) % 7)) as Day
}
