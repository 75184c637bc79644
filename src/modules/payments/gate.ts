/**
 * The gate: what is looked at when runs are assembled, by the payments as they were gathered and by few facts about
 * them. Pure; what is found and with which figures. What it stops is as the municipality has said. @da kontrolfund
 */
import { addDays, type Day, firstOfMonth, formatDay } from '../../base/date.ts'
import { type ItemId, type OrderId, orderOfItem, type PartyId, type PaymentId } from '../../base/id.ts'
import type { Ore } from '../../base/money.ts'
import { SOURCE_SYSTEMS } from '../orders/index.ts'
import type { StoppingEvent } from '../parties/index.ts'
import {
  ACCOUNT_CHANGED_DAYS,
  GATE_CHECKS,
  type GateCheck,
  type GateEffect,
  type GateSetting,
  type LocalRules,
} from '../rates/index.ts'
import { lineOfPart, PART_AGAIN } from './part.ts'
import { benefitKey, type GatheredGroup, type GatheredPayment, type GatheredRun, numberedPayments } from './gather.ts'

export type FindingDetail = Readonly<Record<string, string | number>>

export interface NewFinding {
  readonly runNo: number
  readonly check: GateCheck
  /** 0: the run. */
  readonly payment: PaymentId
  readonly amount: Ore
  readonly effect: GateEffect
  readonly detail: FindingDetail
}

export interface AssembledRun {
  readonly runNo: number
  readonly gathered: GatheredRun
}

/** What is known besides the payments themselves, up to the runs. */
export interface GateFacts {
  readonly rules: LocalRules
  /** Øre stopped of payments since they were gathered. */
  readonly stopped: ReadonlyMap<PaymentId, number>
  /** First days of closed months. */
  readonly closed: ReadonlySet<Day>
  readonly events: ReadonlyMap<PartyId, { readonly event: StoppingEvent; readonly date: Day }>
  readonly protectedParties: ReadonlySet<PartyId>
  /** Order files of the month of which not everything came in. */
  readonly shortfalls: readonly Shortfall[]
  readonly months: readonly BenefitMonths[]
  /** Orders that a person let go though they may be paid twice. */
  readonly letGo: ReadonlyMap<OrderId, LetGo>
  /** Tax of items for which no card was known. */
  readonly withoutCard: ReadonlyMap<ItemId, number>
  readonly arrangements: ReadonlyMap<number, ArrangementFact>
  /** Øre that earlier runs pay from a unit on a day, by `day:unit`. */
  readonly alsoPaid: ReadonlyMap<string, number>
  /** The account of each unit on a day. */
  readonly units: (date: Day) => ReadonlyMap<number, string>
  readonly hasAccount: (source: number) => boolean
  readonly benefitName: (benefit: number) => string
}

export interface Shortfall {
  readonly source: number
  readonly told: number
  readonly taken: number
  readonly refusedLines: number
  readonly refusedFiles: number
}

/** Net of a benefit in all runs of the month, and of the one before. */
export interface BenefitMonths {
  readonly source: number
  readonly benefit: number
  readonly last: number
  readonly now: number
}

export interface LetGo {
  readonly orderKey: string
  readonly otherKey: string
  readonly by: string
}

export interface ArrangementFact {
  readonly enteredBy: string
  readonly approvedBy: string
  readonly approvedOn: Day
  /** It has paid before. */
  readonly used: boolean
}

/** Payments of which more must be known before anything can be said: few. */
export interface Doubtful {
  readonly unusual: readonly Candidate[]
  readonly backPay: readonly Candidate[]
  readonly twins: readonly { readonly candidate: Candidate; readonly items: readonly ItemId[] }[]
}

export interface Candidate {
  readonly runNo: number
  readonly date: Day
  readonly id: PaymentId
  readonly group: GatheredGroup
  readonly payment: GatheredPayment
  readonly setting: GateSetting
}

/** Settings by check, system and benefit on a day; asked for each payment, so remembered. */
export function settingsOf(
  rules: LocalRules,
): (check: GateCheck, source: number, benefit: number, on: Day) => GateSetting {
  const known = new Map<string, GateSetting>()
  if (!rules.rules.some((rule) => rule.kind === 'gate')) return (check) => GATE_CHECKS[check]
  return (check, source, benefit, on) => {
    const key = `${check}:${source}:${benefit}:${on}`
    const setting = known.get(key) ?? rules.gate(check, source, benefit, on)
    known.set(key, setting)
    return setting
  }
}

/** How many parts a benefit has before its average says anything. */
const ENOUGH = 20

/** A run may have thousands of the kind: unless the payments wait for it, they are counted. */
const COUNTED: readonly GateCheck[] = ['protected_party', 'no_tax_card']

/** What the payments say by themselves and with the facts; and those of which more must be looked up. */
export function judgePayments(
  runs: readonly AssembledRun[],
  facts: GateFacts,
): { readonly findings: NewFinding[]; readonly doubtful: Doubtful } {
  const judging = {
    facts,
    setting: settingsOf(facts.rules),
    average: averages(runs),
    findings: [] as NewFinding[],
    doubtful: { unusual: [] as Candidate[], backPay: [] as Candidate[], twins: [] as Doubtful['twins'][number][] },
  }
  for (const { runNo, gathered } of runs) {
    const counted = countedOf(runNo)
    for (const { id, group, payment } of numberedPayments(runNo, gathered)) {
      const amount = (payment.amount - (facts.stopped.get(id) ?? 0)) as Ore
      if (amount > 0) judgePayment(judging, { runNo, date: gathered.date, id, group, payment, amount, counted })
    }
    judging.findings.push(...counted.findings())
  }
  return judging
}

interface Judging {
  readonly facts: GateFacts
  readonly setting: SettingOf
  readonly average: ReturnType<typeof averages>
  readonly findings: NewFinding[]
  readonly doubtful: {
    readonly unusual: Candidate[]
    readonly backPay: Candidate[]
    readonly twins: Doubtful['twins'][number][]
  }
}

/** A payment as it is looked at: what is left of it, and where its kind is counted. */
interface Looked extends Omit<Candidate, 'setting'> {
  readonly amount: Ore
  readonly counted: ReturnType<typeof countedOf>
}

function judgePayment(judging: Judging, one: Looked): void {
  const { facts, setting, doubtful } = judging
  const { date, group, payment, amount } = one
  const { source } = group
  const benefit = benefitOf(payment)
  const { event, date: since } = facts.events.get(payment.payee) ?? {}
  if (event && since && since <= date) found(judging, one, 'stopped_party', { event, date: formatDay(since) })
  if (facts.protectedParties.has(payment.payee)) found(judging, one, 'protected_party', {})
  const changed = changedAccount(facts, payment, date)
  if (changed !== undefined) found(judging, one, 'account_changed', changed)
  const unusual = setting('unusual_for_person', source, benefit, date)
  if (amount >= unusual.amount) doubtful.unusual.push({ ...one, setting: unusual })
  const back = setting('back_pay', source, benefit, date)
  if (amount >= back.amount) doubtful.backPay.push({ ...one, setting: back })
  judgeParts(judging, one)
  const items = sameAmounts(payment)
  if (items.length === 0) return
  doubtful.twins.push({ candidate: { ...one, setting: setting('double_payment', source, benefit, date) }, items })
}

function benefitOf({ parts }: GatheredPayment): number {
  return (parts[0] as (typeof parts)[number]).benefit
}

function found(judging: Judging, of: Looked, check: GateCheck, detail: FindingDetail, amount = of.amount): void {
  const { runNo, date, id, group, payment, counted } = of
  const effect = effectOn(payment, judging.setting(check, group.source, benefitOf(payment), date).effect)
  const one = { runNo, check, payment: id, amount, effect, detail }
  if (COUNTED.includes(check) && effect !== 'block_line') counted.add(one)
  else judging.findings.push(one)
}

/** What a person has let go is not held again for the same: two persons approve it. */
export function effectOn({ parts }: GatheredPayment, effect: GateEffect): GateEffect {
  return effect === 'block_line' && parts.every(({ part }) => part >= PART_AGAIN) ? 'ask' : effect
}

function judgeParts(judging: Judging, one: Looked): void {
  const { facts, average, setting } = judging
  const { source } = one.group
  let tax = 0
  for (const { item, benefit, amount, part } of one.payment.parts) {
    if (lineOfPart(part) > 0) continue
    if (facts.withoutCard.size > 0) tax += facts.withoutCard.get(item) ?? 0
    const letGo = facts.letGo.size > 0 ? facts.letGo.get(orderOfItem(item)) : undefined
    if (letGo !== undefined) {
      const { orderKey: order, otherKey: other, by } = letGo
      found(judging, one, 'double_payment', { cause: 'let_go', order, other, by })
    }
    const limit = setting('unusual_for_benefit', source, benefit, one.date)
    if (amount < limit.amount) continue
    const usual = average.get(benefitKey(source, benefit))
    const mean = usual === undefined || usual.count < ENOUGH ? undefined : Math.round(usual.sum / usual.count)
    if (limit.percent > 0 && (mean === undefined || amount * 100 < mean * limit.percent)) continue
    const against = limit.percent === 0 ? { limit_ore: limit.amount } : { usual_ore: mean ?? 0 }
    found(judging, one, 'unusual_for_benefit', { benefit: facts.benefitName(benefit), ...against }, amount)
  }
  if (tax > 0) found(judging, one, 'no_tax_card', { tax_ore: tax })
}

/** Net amounts of each system's benefit in these runs: how many, and their sum. */
function averages(runs: readonly AssembledRun[]): ReadonlyMap<number, { sum: number; count: number }> {
  const found = new Map<number, { sum: number; count: number }>()
  for (const { gathered } of runs) {
    for (const { source, payments } of gathered.groups) {
      for (const payment of payments) {
        for (const { benefit, amount, part } of payment.parts) {
          if (lineOfPart(part) > 0) continue
          const key = benefitKey(source, benefit)
          let so = found.get(key)
          if (so === undefined) found.set(key, (so = { sum: 0, count: 0 }))
          so.sum += amount
          so.count++
        }
      }
    }
  }
  return found
}

/**
 * Third parties' parts of one payment that are of different orders and of one benefit and amount: it may be the same
 * twice. Rights that overlap are held when their orders come, so of those only what was let go is left.
 */
function sameAmounts({ parts }: GatheredPayment): ItemId[] {
  if (parts.length < 2) return []
  const seen = new Map<number, ItemId>()
  const twins = new Set<ItemId>()
  for (const { item, benefit, amount, part } of parts) {
    if (lineOfPart(part) === 0) continue
    const key = amount * 256 + benefit
    const other = seen.get(key)
    if (other === undefined) seen.set(key, item)
    else if (orderOfItem(other) !== orderOfItem(item)) {
      twins.add(other)
      twins.add(item)
    }
  }
  return [...twins]
}

function changedAccount(facts: GateFacts, payment: GatheredPayment, date: Day): FindingDetail | undefined {
  const one = payment.arrangement === 0 ? undefined : facts.arrangements.get(payment.arrangement)
  if (one === undefined || one.used || addDays(one.approvedOn, ACCOUNT_CHANGED_DAYS) < date) return undefined
  const { enteredBy, approvedBy, approvedOn } = one
  return {
    arrangement: payment.arrangement,
    date: formatDay(approvedOn),
    entered_by: enteredBy,
    approved_by: approvedBy,
  }
}

/** Payments of a run that are counted, by what they stop. */
function countedOf(runNo: number) {
  const sums = new Map<string, { of: NewFinding; payments: number; amount: number; tax: number }>()
  return {
    add(one: NewFinding): void {
      const key = `${one.check}:${one.effect}`
      const so = sums.get(key) ?? { of: one, payments: 0, amount: 0, tax: 0 }
      sums.set(key, so)
      so.payments++
      so.amount += one.amount
      so.tax += Number(one.detail['tax_ore'] ?? 0)
    },
    findings(): NewFinding[] {
      return [...sums.values()].map(({ of, payments, amount, tax }) => {
        const detail = { payments, ...(tax > 0 ? { tax_ore: tax } : {}) }
        return { ...of, runNo, payment: 0, amount: amount as Ore, detail }
      })
    },
  }
}

/** What is found of whole runs: against last month, the ledger, the source systems' own sums, and the bank. */
export function judgeRuns(runs: readonly AssembledRun[], facts: GateFacts): NewFinding[] {
  const setting = settingsOf(facts.rules)
  return [
    ...runs.flatMap((run) => judgeRun(run, facts, setting)),
    ...monthFindings(runs, facts, setting),
    ...shortfalls(runs, facts, setting),
  ]
}

type SettingOf = ReturnType<typeof settingsOf>

function judgeRun({ runNo, gathered }: AssembledRun, facts: GateFacts, setting: SettingOf): NewFinding[] {
  const findings: NewFinding[] = []
  const { date } = gathered
  const found = (check: GateCheck, amount: number, detail: FindingDetail): void => {
    findings.push({
      runNo,
      check,
      payment: 0,
      amount: amount as Ore,
      effect: setting(check, 0, 0, date).effect,
      detail,
    })
  }
  const units = facts.units(date)
  const accounts = new Map<string, number>()
  let total = 0
  for (const [unit, account] of units) {
    const also = facts.alsoPaid.get(`${date}:${unit}`) ?? 0
    if (also > 0) accounts.set(account, (accounts.get(account) ?? 0) + also)
  }
  for (const { unit, source, railKind, payments } of gathered.groups) {
    const amount = payments.reduce((sum, one) => sum + one.amount, 0)
    const account = units.get(unit)
    total += amount
    accounts.set(account ?? '', (accounts.get(account ?? '') ?? 0) + amount)
    const missing =
      account === undefined ? 'unit' : !facts.hasAccount(source) ? 'account' : railKind === '' ? 'rail_kind' : undefined
    if (missing !== undefined)
      found('no_mapping', amount, { missing, unit, source_system: SOURCE_SYSTEMS[source - 1] ?? '' })
  }
  const month = firstOfMonth(date)
  if (facts.closed.has(month)) found('closed_period', total, { month: formatDay(month).slice(0, 7) })
  const { amount: limit } = setting('liquidity', 0, 0, date)
  for (const [account, amount] of accounts) {
    if (limit > 0 && amount > limit) found('liquidity', amount, { account: account.slice(0, 4), limit_ore: limit })
  }
  return findings
}

/** Told of the last run that pays the benefit; of a benefit that nothing is paid of, of the last run. */
function monthFindings(runs: readonly AssembledRun[], facts: GateFacts, setting: SettingOf): NewFinding[] {
  const last = runs.at(-1)
  if (last === undefined || !facts.months.some((one) => one.last > 0)) return []
  return facts.months.flatMap(({ source, benefit, last: before, now }) => {
    const run = runs.findLast(({ gathered }) => pays(gathered, source, benefit)) ?? last
    const { effect, amount, percent } = setting('benefit_change', source, benefit, run.gathered.date)
    const difference = now - before
    if (Math.abs(difference) < amount || Math.abs(difference) * 100 < before * percent) return []
    const detail = {
      benefit: facts.benefitName(benefit),
      source_system: SOURCE_SYSTEMS[source - 1] ?? '',
      last_ore: before,
      now_ore: now,
    }
    return [
      { runNo: run.runNo, check: 'benefit_change' as const, payment: 0, amount: difference as Ore, effect, detail },
    ]
  })
}

function pays({ groups }: GatheredRun, source: number, benefit: number): boolean {
  return groups.some(
    (group) =>
      group.source === source && group.payments.some((one) => one.parts.some((part) => part.benefit === benefit)),
  )
}

/** Told of the first run that pays something of the system. */
function shortfalls(runs: readonly AssembledRun[], facts: GateFacts, setting: SettingOf): NewFinding[] {
  return facts.shortfalls.flatMap(({ source, told, taken, refusedLines, refusedFiles }) => {
    const run = runs.find(({ gathered }) => gathered.groups.some((group) => group.source === source))
    if (run === undefined) return []
    const { effect } = setting('control_totals', source, 0, run.gathered.date)
    const detail = {
      source_system: SOURCE_SYSTEMS[source - 1] ?? '',
      told_ore: told,
      taken_ore: taken,
      refused_lines: refusedLines,
      refused_files: refusedFiles,
    }
    return [
      { runNo: run.runNo, check: 'control_totals' as const, payment: 0, amount: (told - taken) as Ore, effect, detail },
    ]
  })
}
