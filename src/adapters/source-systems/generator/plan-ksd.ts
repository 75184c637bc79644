/** KSD's month: sygedagpenge to citizens, a line a week, and refunds to employers a fortnight at a time. */
import type { Day } from '../../../base/date.ts'
import { addDays } from '../../../base/date.ts'
import * as b from './benefits.ts'
import { isoWeek } from './month-dates.ts'
import { companyOf } from './people.ts'
import type { Town } from './people.ts'
import { benefitLine, deduct, doubled, orderKey, planned, streamOf } from './plan.ts'
import type { PlannedOrder, Setting, SystemPlan } from './plan.ts'
import { adultNumbers, movingOn } from './plan-ky.ts'
import { below, between, chance, mix, stream } from './random.ts'
import { duplicatesAmong, ksdOrders } from './volumes.ts'

/** The highest hourly benefit, in øre; assumed for 2026. */
const TOP_HOUR = 13_743

export function planKsd(setting: Setting): SystemPlan {
  const { counts } = setting
  const regular = ksdOrders(counts)
  const extra = counts.sygedagpenge > 1 ? duplicatesAmong(regular) : 0
  const plan = (number: number): PlannedOrder => {
    if (number < counts.sygedagpenge) return citizen(setting, number)
    if (number < regular) return employer(setting, number)
    const nth = (number - regular) >> 1
    const vouched = ((number - regular) & 1) === 1
    const original = Math.floor(((nth + (vouched ? 0.75 : 0.25)) * counts.sygedagpenge) / extra)
    return doubled(citizen(setting, original), orderKey(setting, 'KSD', number), vouched)
  }
  return { system: 'KSD', orders: regular + 2 * extra, plan }
}

/** Hours of a week in tenths: full time for most, or partly ill. */
const PARTLY = [185, 148, 222, 277, 300]

function hoursText(tenths: number): string {
  return tenths % 10 === 0 ? String(tenths / 10) : `${Math.floor(tenths / 10)}.${tenths % 10}`
}

/** A week's benefit: hours × hourly benefit, to the nearest krone. */
function weekly(hourly: number, tenths: number): number {
  return Math.round((hourly * tenths) / 1000) * 100
}

function citizen(setting: Setting, number: number): PlannedOrder {
  const { town, counts, dates } = setting
  const { disposition, weeks } = dates.citizens
  const from = streamOf(setting, 'KSD', number)
  const person = adultNumbers(counts).citizens + number
  const order = planned(orderKey(setting, 'KSD', number), 'KSD', person, disposition, from)
  const hourly = chance(from, 620) ? TOP_HOUR : between(from, 8_900, TOP_HOUR)
  const tenths = chance(from, 800) ? 370 : (PARTLY[below(from, PARTLY.length)] as number)
  let first = 0
  let end = weeks.length
  const draw = below(from, 100)
  if (number < movingOn(counts)) end -= 1
  else if (draw < 12) first = between(from, 1, weeks.length - 1)
  else if (draw < 24) end = between(from, 1, weeks.length - 1)
  for (let week = first; week < end; week++) {
    const monday = weeks[week] as Day
    const text = `Sygedagpenge uge ${isoWeek(monday)}`
    const amount = weekly(hourly, tenths)
    order.lines.push(benefitLine(b.SYGEDAGPENGE, amount, monday, addDays(monday, 7), 'hour', hoursText(tenths), text))
  }
  deduct(setting, order, from, companyOf(town, 'landlord', person), { setOff: 15, rent: 10, child: 30 })
  return order
}

/** Obligatory pension for a year, in tenths of a per cent: 0.3 more each year from 2020, 3.3 from 2030. */
function pensionTenths(year: number): number {
  return Math.min(33, Math.max(0, 3 * (year - 2019)))
}

/** Half of the employees work for the forty largest employers. */
export function employerOf(town: Town, employee: number): string {
  const draw = mix(town.seed, employee) >>> 0
  return companyOf(town, 'employer', draw % 2 === 0 ? (draw >>> 1) % 40 : draw >>> 1)
}

function employer(setting: Setting, number: number): PlannedOrder {
  const { town, counts, dates } = setting
  const at = number - counts.sygedagpenge
  const employee = at >> 1
  const round = dates.employers[(at & 1) as 0 | 1]
  const person = adultNumbers(counts).employees + employee
  const from = streamOf(setting, 'KSD', number)
  const order = planned(orderKey(setting, 'KSD', number), 'KSD', person, round.disposition, from)
  order.tells = 'nothing'
  order.payeeCvr = employerOf(town, employee)
  // Both fortnights of an employee agree on wage and hours.
  const same = stream(mix(town.seed, employee ^ 0x0e3))
  const hourly = chance(same, 850) ? TOP_HOUR : between(same, 9_500, TOP_HOUR)
  const tenths = chance(same, 800) ? 370 : (PARTLY[below(same, PARTLY.length)] as number)
  const reference = `løn-nr. ${between(same, 1000, 99_999)}`
  const amount = weekly(hourly, tenths)
  // Reckoned for each week, to the nearest krone (sygedagpengeloven § 54 a).
  const supplement = Math.round((amount * pensionTenths(dates.year)) / 100_000) * 100
  for (let week = chance(from, 150) ? round.weeks.length - 1 : 0; week < round.weeks.length; week++) {
    const monday = round.weeks[week] as Day
    const end = addDays(monday, 7)
    const when = ` uge ${isoWeek(monday)}`
    order.lines.push(benefitLine(b.REFUSION, amount, monday, end, 'hour', hoursText(tenths), b.REFUSION.text + when))
    if (supplement === 0) continue
    order.lines.push(benefitLine(b.OP_TILLAEG, supplement, monday, end, 'week', '1', b.OP_TILLAEG.text + when))
  }
  for (const line of order.lines) {
    line.ofEmployee = true
    line.reference = reference
  }
  return order
}
