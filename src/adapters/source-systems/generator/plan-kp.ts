/** KP's month: tax-free supplements to pensioners, often paid to a pharmacy, an optician or a dentist. */
import type { Day } from '../../../base/date.ts'
import { addDays } from '../../../base/date.ts'
import type { Component } from './benefits.ts'
import * as b from './benefits.ts'
import { companyOf, FIRST_PENSIONER } from './people.ts'
import type { Trade } from './people.ts'
import { benefitLine, doubled, monthly, orderKey, planned, streamOf } from './plan.ts'
import type { PlannedOrder, Setting, SystemPlan } from './plan.ts'
import { below, between, chance } from './random.ts'
import type { Stream } from './random.ts'
import { duplicatesAmong, kpOrders } from './volumes.ts'

export function planKp(setting: Setting): SystemPlan {
  const { counts } = setting
  const regular = kpOrders(counts)
  const extra = counts.personligt > 1 ? duplicatesAmong(regular) : 0
  const plan = (number: number): PlannedOrder => {
    if (number < regular) return supplement(setting, number)
    const nth = (number - regular) >> 1
    const vouched = ((number - regular) & 1) === 1
    const original = Math.floor(((nth + (vouched ? 0.75 : 0.25)) * counts.personligt) / extra)
    return doubled(supplement(setting, original), orderKey(setting, 'KP', number), vouched)
  }
  return { system: 'KP', orders: regular + 2 * extra, plan }
}

function supplement(setting: Setting, number: number): PlannedOrder {
  const { counts, dates } = setting
  const from = streamOf(setting, 'KP', number)
  const person = personOf(setting, number)
  const disposition = dates.pensions[below(from, dates.pensions.length)] as Day
  const order = planned(orderKey(setting, 'KP', number), 'KP', person, disposition, from)
  order.tells = person === FIRST_PENSIONER + number ? 'events' : 'nothing'
  if (number < counts.personligt) return personligt(setting, order, from)
  if (number < counts.personligt + counts.helbred) return helbred(setting, order, from)
  const glasses = number < counts.personligt + counts.helbred + counts.briller
  const component = glasses ? b.BRILLER : b.TANDLAEGE
  const amount = glasses ? between(from, 60_000, 320_000) : between(from, 45_000, 780_000)
  order.lines.push(treated(setting, component, amount, from))
  pay(setting, order, glasses ? 'optician' : 'dentist', 880, from)
  return order
}

/** Every third with glasses or a dentist has a health supplement too; every fortieth supplement is on kontanthjælp. */
function personOf(setting: Setting, number: number): number {
  const { counts } = setting
  if (number < counts.personligt) {
    return number % 40 === 0 && number < counts.kontanthjaelp ? number : FIRST_PENSIONER + number
  }
  const later = number - counts.personligt - counts.helbred
  if (later >= 0 && later % 3 === 0 && later < counts.helbred) return FIRST_PENSIONER + counts.personligt + later
  return FIRST_PENSIONER + number
}

function personligt(setting: Setting, order: PlannedOrder, from: Stream): PlannedOrder {
  const first = below(from, b.PERSONLIGT.length)
  const lines = chance(from, 350) ? 2 : 1
  for (let i = 0; i < lines; i++) {
    const component = b.PERSONLIGT[(first + i) % b.PERSONLIGT.length] as Component
    order.lines.push(monthly(setting, component, between(from, 12_000, 260_000)))
  }
  if (chance(from, 30)) order.settle = 'with_next_ordinary'
  return order
}

function helbred(setting: Setting, order: PlannedOrder, from: Stream): PlannedOrder {
  const lines = between(from, 1, 3)
  for (let i = 0; i < lines; i++) {
    const component = b.HELBREDSTILLAEG[i] as Component
    order.lines.push(monthly(setting, component, between(from, 4_500, 92_000)))
  }
  pay(setting, order, 'pharmacy', 780, from)
  return order
}

function treated(setting: Setting, component: Component, amount: number, from: Stream) {
  const on = addDays(setting.dates.month.from, -between(from, 1, 28))
  return benefitLine(component, amount, on, addDays(on, 1), 'day', '1', component.text)
}

function pay(setting: Setting, order: PlannedOrder, trade: Trade, perMille: number, from: Stream): void {
  if (chance(from, perMille)) order.payeeCvr = companyOf(setting.town, trade, order.person)
}
