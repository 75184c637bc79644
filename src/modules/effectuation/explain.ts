/**
 * The lines of a calculation, as screen, letter and report show them: what each rate was applied to, how it was rounded
 * and where it is from. Nothing is stored for it: every line is reckoned again from the stored row and must agree to
 * the øre.
 */
import { assert } from '../../base/assert.ts'
import type { Day } from '../../base/date.ts'
import { type Ore, ZERO } from '../../base/money.ts'
import { type AtpRate, type BenefitRule, type RateReader, type Sourced, TAX_METHOD_ROWS } from '../rates/index.ts'
import type { BenefitToCalculate, Calculation, CalculationLine } from './calculation.ts'
import { type Contributions, contributionsOf, weeklyPensionRates, withWhatStands } from './contributions.ts'
import { amOf, taxOf } from './tax.ts'

/** What a calculation needs beside its own row, all of it stored with the order. */
export interface ExplainFacts {
  readonly dispositionDate: Day
  readonly personIsCompany: boolean
  /** All benefit lines of the order, in line order: ATP and pension look at them together. */
  readonly benefits: readonly BenefitToCalculate[]
  /** An earlier order of the same run took the month's ATP of this benefit from the person. */
  readonly atpTaken: boolean
  /** The law change that says how the municipality rounds. */
  readonly methodChange?: Sourced | undefined
}

const NO_CONTRIBUTIONS: Contributions = {
  ownAtp: ZERO,
  employerAtp: ZERO,
  pension: ZERO,
  pensionBase: ZERO,
  pensionBefore: ZERO,
}
const NONE = { basis: undefined, rate: undefined, rounding: undefined } as const
const CARD_SOURCE = {
  hovedkort: 'skattekort (hovedkort): rate and allowance',
  bikort: 'skattekort (bikort): rate without allowance',
  frikort: 'skattekort (frikort): no tax until it is used up; what exceeds it by its own rate (BEK 2104/2021 § 14)',
  none: '',
} as const

/** The lines of one item. Asserts when a line cannot be reckoned again: then the row or the rate book was changed. */
export function calculationLines(c: Calculation, rates: RateReader, facts: ExplainFacts): CalculationLine[] {
  const index = facts.benefits.findIndex((line) => line.item === c.item)
  const line = facts.benefits[index]
  assert(line !== undefined, `item ${c.item} is not a line of the order`)
  const rule = rates.benefitRule(c.benefit, line.period.from)
  agree(c, 'gross', c.gross, line.gross)
  agree(c, 'net', c.net, (c.gross - c.ownAtp - c.am - c.tax - c.setOff - c.thirdParty) as Ore)
  const order: CalculationLine = {
    kind: 'gross',
    amount: c.gross,
    ...NONE,
    before: line.standing?.gross,
    source: 'effektueringsordre',
    assumed: false,
  }
  const lines: CalculationLine[] = [order]
  const beside: CalculationLine[] = []
  if (facts.personIsCompany) {
    agree(c, 'tax', c.ownAtp + c.am + c.tax + c.employerAtp + c.pension, 0)
  } else {
    contributions(c, rates, facts, index, rule, lines, beside)
    if (rule.taxable) taxes(c, rates, facts, rule, lines)
    else agree(c, 'tax', c.am + c.tax, 0)
  }
  const ordered = { ...NONE, source: 'effektueringsordre', assumed: false }
  if (c.setOff > 0) lines.push({ kind: 'set_off', amount: c.setOff, ...ordered })
  if (c.thirdParty > 0) lines.push({ kind: 'third_party', amount: c.thirdParty, ...ordered })
  lines.push({ kind: 'net', amount: c.net, ...NONE, source: 'gross less the lines above', assumed: false })
  return lines.concat(beside)
}

/** The source of what an old system paid: its amounts are shown as they were told, not reckoned again. */
export const TOLD_BEFORE = 'paid before the takeover'

export function toldLines(c: Calculation): CalculationLine[] {
  const line = (kind: CalculationLine['kind'], amount: Ore): CalculationLine[] =>
    amount === 0 ? [] : [{ kind, amount, ...NONE, source: TOLD_BEFORE, assumed: false }]
  return [
    ...line('gross', c.gross),
    ...line('own_atp', c.ownAtp),
    ...line('am', c.am),
    ...line('tax', c.tax),
    ...line('net', c.net),
    ...line('employer_atp', c.employerAtp),
    ...line('pension', c.pension),
  ]
}

function agree(c: Calculation, what: string, stored: number | string, reckoned: number | string): void {
  assert(stored === reckoned, `item ${c.item}: ${what} is ${stored}, reckoned again ${reckoned}`)
}

function contributions(
  c: Calculation,
  rates: RateReader,
  facts: ExplainFacts,
  index: number,
  rule: BenefitRule,
  lines: CalculationLine[],
  beside: CalculationLine[],
): void {
  const line = facts.benefits[index] as BenefitToCalculate
  const own: number[] = []
  const whole = withWhatStands(facts.benefits)
  let reckoned: Contributions = NO_CONTRIBUTIONS
  for (let i = 0; i <= index; i++) {
    const other = facts.benefits[i] as BenefitToCalculate
    const otherRule = rates.benefitRule(other.benefit, other.period.from)
    const taken = facts.atpTaken && other.benefit === c.benefit
    reckoned = contributionsOf(facts.benefits, whole, i, otherRule, rates, taken, own)
  }
  agree(c, 'own ATP', c.ownAtp, reckoned.ownAtp)
  agree(c, 'employer ATP', c.employerAtp, reckoned.employerAtp)
  agree(c, 'pension', c.pension, reckoned.pension)
  if (rule.atp !== 'none') {
    const rate = rates.atpRate(rule.atp, line.period.from)
    const from = { source: rate.source, assumed: rate.assumed }
    lines.push({ kind: 'own_atp', amount: c.ownAtp, ...howAtp(c, rate), ...from })
    if (c.employerAtp > 0) beside.push({ kind: 'employer_atp', amount: c.employerAtp, ...NONE, ...from })
  }
  if (c.pension > 0) {
    const rate = rates.rate('obligatory_pension', line.period.from)
    const several = rule.pension === 'week_nearest_krone' && weeklyPensionRates(line.period, rates).length > 1
    const basis = reckoned.pensionBase
    beside.push({
      kind: 'pension',
      amount: c.pension,
      basis,
      // Weeks on both sides of a New Year have each their own.
      rate: several ? undefined : rate.rate,
      rounding: rule.pension,
      before: line.standing === undefined ? undefined : reckoned.pensionBefore,
      ...sourceOf(rate),
    })
  }
}

function howAtp(c: Calculation, rate: AtpRate): Pick<CalculationLine, 'basis' | 'rate' | 'rounding'> {
  switch (rate.rule) {
    case 'flekstilskud':
      return { basis: c.gross, rate: rate.ownRate, rounding: 'nearest_krone' }
    case 'hourly':
      return { basis: undefined, rate: undefined, rounding: 'down_to_krone' }
    case 'monthly':
    case 'none':
      return NONE
  }
}

function taxes(
  c: Calculation,
  rates: RateReader,
  facts: ExplainFacts,
  rule: BenefitRule,
  lines: CalculationLine[],
): void {
  const afterAtp = (c.gross - c.ownAtp) as Ore
  const method = facts.methodChange ?? TAX_METHOD_ROWS[c.method]
  const am = rates.rate('am_bidrag', facts.dispositionDate)
  agree(c, 'AM-bidrag', c.am, rule.amLiable ? amOf(afterAtp, am.rate, c.method) : 0)
  if (rule.amLiable)
    lines.push({
      kind: 'am',
      amount: c.am,
      basis: afterAtp,
      rate: am.rate,
      rounding: TAX_METHOD_ROWS[c.method].amRounding,
      source: `${am.source}; ${method.source}`,
      assumed: am.assumed || method.assumed,
    })
  agree(c, 'tax base', c.taxBase, afterAtp - c.am - c.allowanceUsed - c.frikortUsed)
  agree(c, 'A-skat', c.tax, taxOf(c.taxBase, c.taxRate, c.method))
  const withoutCard = rates.rate('tax_without_card', facts.dispositionDate)
  // A frikort that tells no rate of its own: that it is then taxed as without a card is assumed.
  const beyondFrikort = c.card === 'frikort' && c.taxBase > 0 && c.taxRate === withoutCard.rate
  if (c.card === 'none') agree(c, 'rate', c.taxRate, withoutCard.rate)
  const rateSource = c.card === 'none' ? withoutCard.source : CARD_SOURCE[c.card]
  lines.push({
    kind: 'tax',
    amount: c.tax,
    basis: c.taxBase,
    rate: c.taxRate,
    rounding: c.method,
    source: `${rateSource}; ${method.source}`,
    assumed: beyondFrikort || withoutCard.assumed || method.assumed,
  })
}

function sourceOf({ source, assumed }: Sourced): Sourced {
  return { source, assumed }
}
