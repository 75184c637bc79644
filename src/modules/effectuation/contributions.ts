/**
 * ATP and obligatory pension. Both follow the benefit and its period: the rate is that of the first day of the benefit
 * period, or of each week where they are reckoned by the week, so that weeks on both sides of a New Year have their own
 * (BEK 1758/2021 § 5; star.dk: in force Monday 6 January 2020; that ATP by the hour follows the weeks is assumed).
 * An order may split one benefit for one time into several lines (components): they count as one.
 */
import { addDays, type Day, type Period } from '../../base/date.ts'
import { type Ore, ZERO } from '../../base/money.ts'
import type { BenefitRule, DatedRate, RateReader } from '../rates/index.ts'
import type { AtpTaken, BenefitToCalculate } from './calculation.ts'
import { monthSpan, wholeWeeks } from './periods.ts'
import { portion } from './tax.ts'

/** Own share (taken of the benefit) and the payer's share (beside it). @da ATP-bidrag */
export interface Atp {
  readonly own: Ore
  readonly employer: Ore
}

const NO_ATP: Atp = { own: ZERO, employer: ZERO }
const KRONE = 100

/** Hours (thousandths) that ATP by the hour assumes of a quantity told in another unit: 37 hours a week. Assumed. */
const HOURS_OF_UNIT = { hour: 1_000, day: 7_400, week: 37_000, month: 160_333 } as const

/** Lines of one order that are the same benefit for the same months. */
export function together(
  a: Pick<BenefitToCalculate, 'benefit' | 'period'>,
  b: Pick<BenefitToCalculate, 'benefit' | 'period'>,
): boolean {
  if (a.benefit !== b.benefit) return false
  if (a.period.from === b.period.from && a.period.to === b.period.to) return true
  const x = monthSpan(a.period)
  const y = monthSpan(b.period)
  return x.from === y.from && x.to === y.to
}

/**
 * ATP of one line of an order. `taken`: an earlier order of the person took the month's ATP of this benefit.
 * By the month: if the lines together reach the smallest benefit, one contribution a month, taken from the first line
 * that can bear it. By the hour: per week, down to whole kroner. Flekstilskud: a share, nearest krone, capped by month.
 * Never more than the line's gross. Sources stand on the rates.
 */
function atpOfLine(
  lines: readonly BenefitToCalculate[],
  index: number,
  rule: BenefitRule,
  rates: RateReader,
  taken: boolean,
): Atp {
  if (rule.atp === 'none') return NO_ATP
  const line = lines[index] as BenefitToCalculate
  if (rule.atp === 'hourly') return hourlyAtp(line, rates)
  const rate = rates.atpRate(rule.atp, line.period.from)
  let gross = line.gross as number
  if (lines.length > 1) {
    gross = 0
    for (const other of lines) if (together(line, other)) gross += other.gross
  }
  const months = monthSpan(line.period).months
  let own: number
  if (rule.atp === 'monthly') {
    if (taken || gross < rate.minimumBenefit * months || gross === 0) return NO_ATP
    own = rate.own * months
  } else {
    own = Math.min(portion(gross as Ore, rate.ownRate, 'nearest_krone'), rate.ownCap * months)
  }
  if (bearerOf(lines, index, own) !== index) return NO_ATP
  return { own: Math.min(own, line.gross) as Ore, employer: (gross > 0 ? rate.employer * months : 0) as Ore }
}

/** The first line of the group that can bear the amount, or the largest when none can. */
function bearerOf(lines: readonly BenefitToCalculate[], index: number, amount: number): number {
  if (lines.length === 1) return index
  const line = lines[index] as BenefitToCalculate
  let largest = -1
  for (let i = 0; i < lines.length; i++) {
    const other = lines[i] as BenefitToCalculate
    if (!together(line, other)) continue
    if (other.gross >= amount) return i
    if (largest < 0 || other.gross > (lines[largest] as BenefitToCalculate).gross) largest = i
  }
  return largest
}

/** The weeks of a period, one where it is not whole weeks, by the row that applies on the first day of each. */
function weeksBy<T>({ from, to }: Period, rowOn: (day: Day) => T): readonly (readonly [row: T, weeks: number])[] {
  const weeks = wholeWeeks({ from, to }) || 1
  const first = rowOn(from)
  if (weeks === 1 || rowOn(addDays(from, 7 * (weeks - 1))) === first) return [[first, weeks]]
  return Array.from({ length: weeks }, (_, week) => [rowOn(addDays(from, 7 * week)), 1])
}

/** Rates of obligatory pension that weeks of a period have, each with how many. */
export function weeklyPensionRates(
  period: Period,
  rates: RateReader,
): readonly (readonly [row: DatedRate, weeks: number])[] {
  return weeksBy(period, (day) => rates.rate('obligatory_pension', day))
}

function hourlyAtp(line: BenefitToCalculate, rates: RateReader): Atp {
  // Thousandths of hours, made whole before the division so that nothing floats; each week has its part of them.
  const hours = Math.floor((line.thousandths * HOURS_OF_UNIT[line.unit]) / 1_000)
  const ofWeek = 1_000 * (wholeWeeks(line.period) || 1) * KRONE
  let own = 0
  let employer = 0
  for (const [rate, weeks] of weeksBy(line.period, (day) => rates.atpRate('hourly', day))) {
    own += Math.floor((rate.own * hours) / ofWeek) * KRONE * weeks
    employer += Math.floor((rate.employer * hours) / ofWeek) * KRONE * weeks
  }
  return { own: Math.min(own, line.gross) as Ore, employer: (line.gross > 0 ? employer : 0) as Ore }
}

/** Whether an earlier order of the person took ATP of the same benefit for one of the same months. */
export function atpTaken(taken: readonly AtpTaken[], line: BenefitToCalculate): boolean {
  if (taken.length === 0) return false
  const span = monthSpan(line.period)
  for (const one of taken) if (one.benefit === line.benefit && one.from < span.to && span.from < one.to) return true
  return false
}

/** The lines as what they and what stands of them already come to; the list itself when nothing stands. */
export function withWhatStands(lines: readonly BenefitToCalculate[]): readonly BenefitToCalculate[] {
  if (lines.every((line) => line.standing === undefined)) return lines
  return lines.map((line) =>
    line.standing === undefined ? line : { ...line, gross: (line.gross + line.standing.gross) as Ore },
  )
}

/** Contributions of a line; of a correction beyond what was taken before. */
export interface Contributions {
  readonly ownAtp: Ore
  readonly employerAtp: Ore
  readonly pension: Ore
  /** What the pension was reckoned of, and what of it was taken before. */
  readonly pensionBase: Ore
  readonly pensionBefore: Ore
}

/**
 * ATP and pension of `lines[index]`; `whole` is `withWhatStands(lines)`. `ownAtp` holds the own ATP of the lines
 * before, and gets that of this one. Of a correction, lines of a benefit and a time are reckoned together, those that
 * pay nothing too, and the first that pays bears what is more than was taken of them before.
 */
export function contributionsOf(
  lines: readonly BenefitToCalculate[],
  whole: readonly BenefitToCalculate[],
  index: number,
  rule: BenefitRule,
  rates: RateReader,
  taken: boolean,
  ownAtp: number[],
): Contributions {
  const line = lines[index] as BenefitToCalculate
  if (anythingStands(lines, line)) return ofCorrection(lines, whole, index, rule, rates, taken, ownAtp)
  const atp = atpOfLine(lines, index, rule, rates, taken)
  ownAtp.push(atp.own)
  const pension = pensionOfLine(lines, index, ownAtp, rule, rates)
  const base = (line.gross - atp.own) as Ore
  return { ownAtp: atp.own, employerAtp: atp.employer, pension, pensionBase: base, pensionBefore: ZERO }
}

/** What was withdrawn whole is reckoned as if it were the first time. */
function anythingStands(lines: readonly BenefitToCalculate[], line: BenefitToCalculate): boolean {
  if (line.standing === undefined) return false
  return lines.some((one) => one.standing !== undefined && one.standing.gross > 0 && together(one, line))
}

function ofCorrection(
  lines: readonly BenefitToCalculate[],
  whole: readonly BenefitToCalculate[],
  index: number,
  rule: BenefitRule,
  rates: RateReader,
  taken: boolean,
  ownAtp: number[],
): Contributions {
  const line = lines[index] as BenefitToCalculate
  const group = lines.flatMap((one, i) => (together(one, line) ? [i] : []))
  const sum = (amountOf: (i: number) => number, among = group) => among.reduce((total, i) => total + amountOf(i), 0)
  const before = (name: 'ownAtp' | 'employerAtp' | 'pension', among = group) =>
    sum((i) => lines[i]?.standing?.[name] ?? 0, among)
  const atpOf = (i: number) => atpOfLine(whole, i, rule, rates, taken)
  const bears = group.find((i) => (lines[i] as BenefitToCalculate).gross > 0) === index
  // ATP by the hour is a line's own; else lines of a month have one.
  const atpLines = rule.atp === 'hourly' ? [index] : bears ? group : []
  const own = above(
    sum((i) => atpOf(i).own, atpLines),
    before('ownAtp', atpLines),
    line.gross,
  )
  const employer = above(
    sum((i) => atpOf(i).employer, atpLines),
    before('employerAtp', atpLines),
  )
  ownAtp.push((line.standing?.ownAtp ?? 0) + own)
  const base = sum((i) => (whole[i]?.repayable === true ? 0 : (whole[i]?.gross ?? 0))) - before('ownAtp') - own
  const none = rule.pension === 'none' || line.repayable || !bears
  const all = none ? 0 : pension(Math.max(0, base) as Ore, line.period, rule, rates)
  const pensionBefore = before('pension') as Ore
  return {
    ownAtp: own,
    employerAtp: employer,
    pension: above(all, pensionBefore),
    pensionBase: base as Ore,
    pensionBefore,
  }
}

/** What an amount of the whole is above what was taken of it before; nothing is given back here. */
function above(whole: number, before: number, most: number = whole): Ore {
  return Math.min(Math.max(whole - before, 0), most) as Ore
}

/**
 * Obligatory pension of one line, beside the benefit: of the benefit after own ATP, to the nearest krone per month (LAS
 * § 80 b, BEK 1596/2019 § 2) or per week (sygedagpengeloven § 67, stk. 2); never of help granted with a duty to repay
 * (LAS § 93). Lines of one benefit and period are rounded together: a line bears what it adds to the rounded total.
 */
export function pensionOfLine(
  lines: readonly BenefitToCalculate[],
  index: number,
  ownAtp: readonly number[],
  rule: BenefitRule,
  rates: RateReader,
): Ore {
  const line = lines[index] as BenefitToCalculate
  if (rule.pension === 'none' || line.repayable) return ZERO
  let before = 0
  for (let i = 0; i < index; i++) {
    const other = lines[i] as BenefitToCalculate
    if (!other.repayable && together(line, other)) before += other.gross - (ownAtp[i] as number)
  }
  const upTo = before + line.gross - (ownAtp[index] as number)
  const whole = pension(upTo as Ore, line.period, rule, rates)
  return (before === 0 ? whole : whole - pension(before as Ore, line.period, rule, rates)) as Ore
}

/** ATP of a line whose ATP follows its hours; undefined of any other. */
export function atpByHours(line: BenefitToCalculate, rates: RateReader): Atp | undefined {
  const { atp } = rates.benefitRule(line.benefit, line.period.from)
  return atp === 'hourly' ? hourlyAtp(line, rates) : undefined
}

/** Pension of those of the lines that are one benefit for one time with `lines[index]`, rounded together. */
export function pensionTogether(
  lines: readonly BenefitToCalculate[],
  index: number,
  ownAtp: readonly number[],
  rates: RateReader,
): number {
  const line = lines[index] as BenefitToCalculate
  const rule = rates.benefitRule(line.benefit, line.period.from)
  if (rule.pension === 'none') return 0
  let base = 0
  for (const [i, other] of lines.entries()) {
    if (!other.repayable && together(line, other)) base += other.gross - (ownAtp[i] as number)
  }
  return pension(Math.max(0, base) as Ore, line.period, rule, rates)
}

function pension(base: Ore, period: Period, rule: Pick<BenefitRule, 'pension'>, rates: RateReader): number {
  switch (rule.pension) {
    case 'none':
      return 0
    case 'month_nearest_krone':
      return portion(base, rates.rate('obligatory_pension', period.from).rate, 'nearest_krone')
    case 'week_nearest_krone': {
      const unit = 1_000_000 * KRONE * (wholeWeeks(period) || 1)
      let all = 0
      for (const [{ rate }, weeks] of weeklyPensionRates(period, rates)) {
        all += Math.floor((2 * base * rate + unit) / (2 * unit)) * KRONE * weeks
      }
      return all
    }
  }
}
