/** KY's month: kontanthjælp and the like on the last bank day, one-off benefits (enkeltydelser) through the month. */
import { addDays, firstOfMonth } from '../../../base/date.ts'
import type { Component } from './benefits.ts'
import * as b from './benefits.ts'
import { companyOf, FIRST_PENSIONER } from './people.ts'
import { benefitLine, deduct, doubled, monthly, orderKey, perCent, planned, streamOf } from './plan.ts'
import type { PlannedLine, PlannedOrder, Setting, SystemPlan } from './plan.ts'
import { below, between, chance } from './random.ts'
import type { Stream } from './random.ts'
import { duplicatesAmong, kyOrders, kyRunning } from './volumes.ts'
import type { Counts } from './volumes.ts'

/** Where the adults of the town are numbered: KY's own, sygedagpenge, one-off benefits, then employees. */
export function adultNumbers(counts: Counts) {
  const citizens = kyRunning(counts)
  const oneOff = citizens + counts.sygedagpenge
  return { citizens, oneOff, employees: oneOff + counts.enkelt + counts.medicin }
}

/** How many people go from sygedagpenge to jobafklaring in the month: both systems pay them, on one tax card. */
export function movingOn(counts: Counts): number {
  return Math.min(Math.floor(counts.jobafklaring / 4), Math.floor(counts.sygedagpenge / 8))
}

/** Of those in fleksjob, every thirtieth is ill, and the employer is refunded by KSD. */
const ILL_IN_FLEKS = 30

export function planKy(setting: Setting): SystemPlan {
  const { counts } = setting
  const regular = kyOrders(counts)
  const extra = duplicatesAmong(regular)
  const plan = (number: number): PlannedOrder => {
    if (number < kyRunning(counts)) return running(setting, number)
    if (number < regular) return oneOff(setting, number)
    // The same kontanthjælp twice, and flekstilskud twice with the source's word that it is meant.
    const nth = (number - regular) >> 1
    const vouched = ((number - regular) & 1) === 1
    const first = vouched ? counts.kontanthjaelp + counts.ressource + counts.jobafklaring + counts.ledighed : 0
    const among = vouched ? counts.fleks : counts.kontanthjaelp
    const original = first + Math.floor(((nth + 0.5) * among) / extra)
    return doubled(running(setting, original), orderKey(setting, 'KY', number), vouched)
  }
  return { system: 'KY', orders: regular + 2 * extra, plan }
}

function running(setting: Setting, number: number): PlannedOrder {
  const { counts, dates } = setting
  const from = streamOf(setting, 'KY', number)
  const start = (person: number) => planned(orderKey(setting, 'KY', number), 'KY', person, dates.lastBankDay, from)
  let at = number
  if (at < counts.kontanthjaelp) return kontanthjaelp(setting, start(number), from)
  at -= counts.kontanthjaelp
  if (at < counts.ressource) return simple(setting, start(number), b.RESSOURCE, levelled(from), from)
  at -= counts.ressource
  if (at < counts.jobafklaring) return jobafklaring(setting, start, at, number, from)
  at -= counts.jobafklaring
  if (at < counts.ledighed) return simple(setting, start(number), b.LEDIGHED, 100 * between(from, 14_800, 18_940), from)
  at -= counts.ledighed
  if (at < counts.fleks) {
    const ill = at % ILL_IN_FLEKS === 0 && at / ILL_IN_FLEKS < counts.employees
    const person = ill ? adultNumbers(counts).employees + at / ILL_IN_FLEKS : number
    return simple(setting, start(person), b.FLEKS, between(from, 150_000, 1_940_000), from)
  }
  at -= counts.fleks
  if (at < counts.revalidering) return simple(setting, start(number), b.REVALIDERING, 2_120_600, from)
  return simple(setting, start(number), b.TABT, between(from, 280_000, 2_600_000), from)
}

/** Two levels, as for parents and others; assumed for 2026. */
function levelled(from: Stream): number {
  return chance(from, 380) ? 1_661_000 : 1_249_800
}

function simple(setting: Setting, order: PlannedOrder, component: Component, amount: number, from: Stream) {
  order.lines.push(monthly(setting, component, amount))
  deduct(setting, order, from, rentOf(setting, order), { setOff: 15, rent: 25, child: 20 })
  return order
}

function rentOf(setting: Setting, order: PlannedOrder): string {
  return companyOf(setting.town, 'landlord', order.person)
}

function kontanthjaelp(setting: Setting, order: PlannedOrder, from: Stream): PlannedOrder {
  const draw = below(from, 100)
  const component = draw < 35 ? b.FORHOEJET : draw < 75 ? b.GRUNDSATS : draw < 90 ? b.MINDSTESATS : b.HJEMMEBOENDE
  const full = draw < 35 ? 1_661_000 : draw < 75 ? 1_249_800 : draw < 90 ? 720_500 : 309_000
  // Income of one's own or of a spouse takes a part of the benefit.
  const amount = chance(from, 180) ? full - perCent(full, between(from, 5, 45)) : full
  const line = monthly(setting, component, amount)
  order.lines.push(line)
  if (component !== b.HJEMMEBOENDE && chance(from, 330)) {
    order.lines.push(monthly(setting, b.BOERNETILLAEG, 100 * between(from, 900, 5_200)))
  }
  if (chance(from, 12)) for (const each of order.lines) each.repayable = true
  const benefits = order.lines.length
  if (component !== b.HJEMMEBOENDE) {
    deduct(setting, order, from, rentOf(setting, order), { setOff: 30, rent: 110, child: 30 })
  }
  if (benefits === 1 && chance(from, 2)) order.lines.push(decidedClaim(order, line, from))
  return order
}

/** A repayment that the authority has decided, for the month before the one that is paid now. */
function decidedClaim(order: PlannedOrder, first: PlannedLine, from: Stream): PlannedLine {
  const end = firstOfMonth(addDays(first.from, -1))
  const line: PlannedLine = { ...first, kind: 'repayment', to: end, from: firstOfMonth(addDays(end, -1)), text: '' }
  line.amount = 100 * between(from, 200, 2_400)
  line.claimKey = `${order.key}-T`
  return line
}

function jobafklaring(
  setting: Setting,
  start: (person: number) => PlannedOrder,
  at: number,
  number: number,
  from: Stream,
): PlannedOrder {
  const { counts, dates } = setting
  if (at >= movingOn(counts)) return simple(setting, start(number), b.JOBAFKLARING, levelled(from), from)
  // Sygedagpenge ended with the last week but one of KSD's round: jobafklaring is paid from the Monday after.
  const monday = dates.citizens.weeks.at(-1) as typeof dates.lastBankDay
  const order = start(adultNumbers(counts).citizens + at)
  order.tells = 'nothing'
  const text = `${b.JOBAFKLARING.text} ${dates.nameDa} ${dates.year}`
  const amount = perCent(levelled(from), 50)
  order.lines.push(benefitLine(b.JOBAFKLARING, amount, monday, dates.month.to, 'month', '0.5', text))
  return order
}

function oneOff(setting: Setting, number: number): PlannedOrder {
  const { town, counts, dates } = setting
  const from = streamOf(setting, 'KY', number)
  const at = number - kyRunning(counts)
  const person = oneOffPerson(counts, at)
  const disposition = dates.oneOff[below(from, dates.oneOff.length)] as typeof dates.lastBankDay
  const order = planned(orderKey(setting, 'KY', number), 'KY', person, disposition, from)
  order.tells = person === adultNumbers(counts).oneOff + at ? 'events' : 'nothing'
  if (at >= counts.enkelt) {
    order.lines.push(monthly(setting, b.MEDICIN, between(from, 6_000, 145_000)))
    if (chance(from, 700)) order.payeeCvr = companyOf(town, 'pharmacy', person)
    return order
  }
  const which = below(from, b.ENKELTYDELSER.length)
  const component = b.ENKELTYDELSER[which] as Component
  const on = addDays(dates.month.from, below(from, disposition - dates.month.from))
  order.lines.push(
    benefitLine(component, between(from, 15_000, 820_000), on, addDays(on, 1), 'day', '1', component.text),
  )
  if (chance(from, 60)) for (const line of order.lines) line.repayable = true
  if (chance(from, 220)) order.payeeCvr = companyOf(town, 'shop', below(from, 1_000_000))
  if (chance(from, 150)) order.settle = 'at_once'
  return order
}

/** Four in ten get kontanthjælp too, one in ten has sygedagpenge from KSD, one in ten a pension supplement from KP. */
function oneOffPerson(counts: Counts, at: number): number {
  const last = at % 10
  if (last < 4 && at < counts.kontanthjaelp) return at
  if (last === 4 && at < counts.personligt + counts.helbred) return FIRST_PENSIONER + at
  if (last === 5 && at < counts.sygedagpenge) return adultNumbers(counts).citizens + at
  return adultNumbers(counts).oneOff + at
}
