/**
 * Danish civil time, the one place for it: summer time from 2 on the last Sunday of March to 3 on the last of October
 * (2000/84/EF). Both change at 01:00 UTC. Instants are text in UTC, `2026-03-27T09:05:00+00:00`. @da dansk tid
 */
import { civil, type Day, dayOf, formatDay, weekday } from './date.ts'

/** Of January first. */
export const MONTH_NAMES = [
  'januar',
  'februar',
  'marts',
  'april',
  'maj',
  'juni',
  'juli',
  'august',
  'september',
  'oktober',
  'november',
  'december',
]

export type Offset = '+01:00' | '+02:00'

/** What a clock in Denmark is ahead of UTC in an hour of a day, by that clock. */
export function danishOffset(day: Day, hour: number): Offset {
  const [begins, ends] = summerOf(day)
  if (day === begins) return hour >= 2 ? '+02:00' : '+01:00'
  if (day === ends) return hour >= 3 ? '+01:00' : '+02:00'
  return day > begins && day < ends ? '+02:00' : '+01:00'
}

/** The beginning of a day in Denmark, with its offset: ISO 8601. */
export function danishMoment(day: Day): string {
  return `${formatDay(day)}T00:00:00${danishOffset(day, 0)}`
}

/** When a Danish clock shows `HH:MM` on a day; of the hour that comes twice the first. */
export function danishInstant(day: Day, clock: string): string {
  const minutes = minuteOf(clock)
  const offset = danishOffset(day, Math.floor(minutes / 60)) === '+02:00' ? 120 : 60
  return utc(day * DAY + minutes - offset)
}

/** What a Danish clock shows: the day, and the minutes since its midnight. */
export interface DanishTime {
  readonly day: Day
  /** 0 … 1,439. */
  readonly minute: number
}

export function inDenmark(instant: string): DanishTime {
  const minutes = Math.floor(Date.parse(instant) / 60_000)
  const [begins, ends] = summerOf(Math.floor(minutes / DAY) as Day)
  const summer = minutes >= begins * DAY + 60 && minutes < ends * DAY + 60
  const local = minutes + (summer ? 120 : 60)
  const day = Math.floor(local / DAY)
  return { day: day as Day, minute: local - day * DAY }
}

/** `2026-03-30 14:00`, for people. */
export function danishText(instant: string): string {
  const { day, minute } = inDenmark(instant)
  return `${formatDay(day)} ${two(Math.floor(minute / 60))}:${two(minute % 60)}`
}

/** The day on which it is so in Denmark, for people. */
export function danishDay(instant: string): Day {
  return inDenmark(instant).day
}

/** The same in SQL, of an expression that is a timestamptz. */
export function danishDaySql(instant: string): string {
  return `(${instant} at time zone 'Europe/Copenhagen')::date`
}

/** `14:30` → 870. The text must be a clock time: see `isClock`. */
export function minuteOf(clock: string): number {
  return Number(clock.slice(0, 2)) * 60 + Number(clock.slice(3, 5))
}

/** `HH:MM`, from 00:00 to 23:59. */
export function isClock(text: string): boolean {
  return /^([01]\d|2[0-3]):[0-5]\d$/.test(text)
}

/** So many minutes later, or earlier when negative. */
export function addMinutes(instant: string, minutes: number): string {
  return utc(Math.floor(Date.parse(instant) / 60_000) + minutes)
}

/** Whether an instant is later than another, whatever the offsets they are written with. */
export function isAfter(instant: string, other: string): boolean {
  return Date.parse(instant) > Date.parse(other)
}

const DAY = 1440

function utc(minutes: number): string {
  const day = Math.floor(minutes / DAY)
  const minute = minutes - day * DAY
  return `${formatDay(day as Day)}T${two(Math.floor(minute / 60))}:${two(minute % 60)}:00+00:00`
}

function two(value: number): string {
  return String(value).padStart(2, '0')
}

/** The days on which summer time begins and ends in the year of a day. */
function summerOf(day: Day): readonly [Day, Day] {
  const { year } = civil(day)
  return [lastSunday(year, 3), lastSunday(year, 10)]
}

function lastSunday(year: number, month: 3 | 10): Day {
  const last = dayOf(year, month, 31)
  return (last - (weekday(last) % 7)) as Day
}
