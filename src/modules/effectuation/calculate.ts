/**
 * Gross to net for one person: pure, and fast enough to run for every order of a month. The steps are KOMBIT's for KY:
 * gross → own ATP → AM-bidrag → A-skat → set-offs and third parties, as the order lists them → net. Tax and AM-bidrag
 * follow the disposition date, ATP, pension and what the benefit is follow the benefit period. Assumed, because no
 * public source was found: what exceeds a frikort that tells no rate is taxed as without a card; a use of allowance is
 * spread evenly over its pay period.
 */
import { AssertionFailed } from '../../base/assert.ts'
import { type Ore, ZERO } from '../../base/money.ts'
import type { BenefitRule, RateReader, TaxMethod } from '../rates/index.ts'
import type {
  AtpTaken,
  BenefitToCalculate,
  Calculation,
  CardUse,
  Deduction,
  DeductionToTake,
  OrderToCalculate,
  PersonCalculated,
  PersonToCalculate,
  Untaken,
} from './calculation.ts'
import { atpTaken, contributionsOf, withWhatStands } from './contributions.ts'
import { monthSpan } from './periods.ts'
import { allowanceLeft, amOf, cardOn, entitlement, frikortLeft, payPeriod, taxOf } from './tax.ts'

type Draft = { -readonly [K in keyof Calculation]: Calculation[K] }

/** What one person's orders share while they are taken one after the other. */
interface Person {
  readonly input: Omit<PersonToCalculate, 'orders'>
  rates: RateReader
  method: TaxMethod
  readonly calculations: Draft[]
  readonly deductions: Deduction[]
  readonly untaken: Untaken[]
  /** Earlier use, then the use of this calculation. */
  used: readonly CardUse[]
  newUse: CardUse[] | undefined
  readonly atp: AtpTaken[]
  /** What is left of each claim, by its position in the input. */
  claims: number[] | undefined
}

/**
 * Calculates all orders of a person by disposition date, those of one date in the order given; the calculations come in
 * that order. A deduction that cannot be taken is told with its reason and stops nothing else.
 * Throws Refusal `reference_missing` for a value that the rate book lacks, and asserts that gross = the sum of its
 * parts.
 */
export function calculatePerson(input: PersonToCalculate, rates: RateReader): PersonCalculated {
  const { take, made } = personCalculator(input)
  const orders = sorted(input.orders, byDate)
  for (let i = 0; i < orders.length; i++) take(orders[i] as OrderToCalculate, rates)
  return made
}

/** The same order by order, each with its book: `made` grows with each that is taken. They come by disposition date. */
export function personCalculator(input: Omit<PersonToCalculate, 'orders'>): {
  take(order: OrderToCalculate, rates: RateReader): void
  readonly made: PersonCalculated
} {
  const person: Omit<Person, 'rates' | 'method'> = {
    input,
    calculations: [],
    deductions: [],
    untaken: [],
    used: input.used,
    newUse: undefined,
    atp: [...(input.atp ?? [])],
    claims: undefined,
  }
  const { calculations, deductions, untaken } = person
  const taking = person as Person
  return {
    take(order, rates) {
      taking.rates = rates
      taking.method = rates.taxMethod(input.municipality, order.dispositionDate)
      calculateOrder(taking, order)
    },
    made: { calculations, deductions, untaken },
  }
}

function byDate(a: OrderToCalculate, b: OrderToCalculate): number {
  return a.dispositionDate - b.dispositionDate
}

function byLine(a: { readonly line: number }, b: { readonly line: number }): number {
  return a.line - b.line
}

/** The list itself when it is sorted, as it nearly always is; otherwise a sorted copy. */
function sorted<T>(list: readonly T[], compare: (a: T, b: T) => number): readonly T[] {
  for (let i = 1; i < list.length; i++) if (compare(list[i - 1] as T, list[i] as T) > 0) return list.toSorted(compare)
  return list
}

function calculateOrder(person: Person, order: OrderToCalculate): void {
  const { rates, calculations } = person
  const lines = sorted(order.benefits, byLine)
  const whole = withWhatStands(lines)
  const first = calculations.length
  const rules: BenefitRule[] = []
  const ownAtp: number[] = []
  const monthlyAtp: AtpTaken[] = []
  for (let i = 0; i < lines.length; i++) {
    const line = lines[i] as BenefitToCalculate
    if (line.gross < 0 || line.period.to <= line.period.from)
      throw new AssertionFailed(`item ${line.item}: gross ${line.gross}, period ${line.period.from}–${line.period.to}`)
    const rule = rates.benefitRule(line.benefit, line.period.from)
    // Stands as it is: it is there for what the lines are together.
    if (line.gross === 0 && line.standing !== undefined) {
      ownAtp.push(line.standing.ownAtp)
      continue
    }
    rules.push(rule)
    const draft = emptyDraft(person, order, line, rule)
    calculations.push(draft)
    if (order.personIsCompany) continue
    const taken = atpTaken(person.atp, line)
    const contributions = contributionsOf(lines, whole, i, rule, rates, taken, ownAtp)
    draft.ownAtp = contributions.ownAtp
    draft.employerAtp = contributions.employerAtp
    draft.pension = contributions.pension
    if (rule.atp === 'monthly' && draft.ownAtp > 0) monthlyAtp.push(atpTakenBy(line))
    if (rule.taxable) withhold(person, order, line, rule, draft)
    draft.net = (draft.gross - draft.ownAtp - draft.am - draft.tax) as Ore
  }
  for (const taken of monthlyAtp) person.atp.push(taken)
  if (order.deductions.length > 0)
    for (const deduction of sorted(order.deductions, byLine)) deduct(person, order, deduction, first, rules)
  for (let i = first; i < calculations.length; i++) check(calculations[i] as Draft)
}

function atpTakenBy(line: BenefitToCalculate): AtpTaken {
  const span = monthSpan(line.period)
  return { benefit: line.benefit, from: span.from, to: span.to }
}

function emptyDraft(person: Person, order: OrderToCalculate, line: BenefitToCalculate, rule: BenefitRule): Draft {
  return {
    item: line.item,
    order: order.order,
    benefit: line.benefit,
    gross: line.gross,
    ownAtp: ZERO,
    am: ZERO,
    tax: ZERO,
    setOff: ZERO,
    thirdParty: ZERO,
    net: line.gross,
    employerAtp: ZERO,
    pension: ZERO,
    taxBase: ZERO,
    allowanceUsed: ZERO,
    frikortUsed: ZERO,
    taxRate: 0,
    card: 'none',
    cardNo: 0,
    se: person.rates.unit(person.input.municipality, rule.unitKind, order.dispositionDate).se,
    method: person.method,
  }
}

/** AM-bidrag and A-skat under the card that is valid on the disposition date for the SE of the paying unit. */
function withhold(
  person: Person,
  order: OrderToCalculate,
  line: BenefitToCalculate,
  rule: BenefitRule,
  draft: Draft,
): void {
  const { rates } = person
  const day = order.dispositionDate
  const afterAtp = (draft.gross - draft.ownAtp) as Ore
  if (rule.amLiable) draft.am = amOf(afterAtp, rates.rate('am_bidrag', day).rate, draft.method)
  const base = (afterAtp - draft.am) as Ore
  const card = cardOn(person.input.cards, draft.se, day)
  draft.taxBase = base
  if (card === undefined) {
    draft.taxRate = rates.rate('tax_without_card', day).rate
  } else {
    draft.card = card.kind
    draft.cardNo = card.cardNo
    draft.taxRate = card.rate
    if (card.kind === 'hovedkort') {
      const left = allowanceLeft(entitlement(card, line), payPeriod(line), card.se, person.used)
      draft.allowanceUsed = Math.min(base, left) as Ore
    } else if (card.kind === 'frikort') {
      draft.frikortUsed = Math.min(base, frikortLeft(card, person.used)) as Ore
      // What exceeds it: by its own rate (BEK 2104/2021 § 14), where it tells one.
      const beyond = card.rate > 0 ? card.rate : rates.rate('tax_without_card', day).rate
      draft.taxRate = base > draft.frikortUsed ? beyond : 0
    }
    draft.taxBase = (base - draft.allowanceUsed - draft.frikortUsed) as Ore
    if (draft.allowanceUsed + draft.frikortUsed > 0) use(person, line, draft)
  }
  draft.tax = taxOf(draft.taxBase, draft.taxRate, draft.method)
}

function use(person: Person, line: BenefitToCalculate, draft: Draft): void {
  if (person.newUse === undefined) {
    person.newUse = person.input.used.slice()
    person.used = person.newUse
  }
  person.newUse.push({
    se: draft.se,
    cardNo: draft.cardNo,
    payPeriod: line.period,
    allowance: draft.allowanceUsed,
    frikort: draft.frikortUsed,
  })
}

/**
 * Takes one deduction from the order's items, in line order. A set-off is never more than what is left of its claim, of
 * the net after tax and of what is above the minimum; earmarked help it leaves alone unless the source says otherwise.
 */
function deduct(
  person: Person,
  order: OrderToCalculate,
  deduction: DeductionToTake,
  first: number,
  rules: readonly BenefitRule[],
): void {
  const { calculations } = person
  const setOff = deduction.kind === 'set_off'
  const claim = setOff ? claimOf(person, deduction.claimKey) : -1
  const claims = person.claims
  const available = setOff ? (claim < 0 ? 0 : ((claims as number[])[claim] as number)) : deduction.amount
  const wanted = Math.min(deduction.amount, available)
  const mayTake = (i: number) =>
    !setOff || deduction.takesEarmarked === true || !(rules[i - first] as BenefitRule).earmarked
  const minimum = setOff ? (order.setOffMinimum ?? 0) : 0
  let room = wanted
  if (minimum > 0) {
    let net = 0
    for (let i = first; i < calculations.length; i++) if (mayTake(i)) net += (calculations[i] as Draft).net
    room = Math.min(wanted, Math.max(0, net - minimum))
  }
  let rest = room
  for (let i = first; i < calculations.length && rest > 0; i++) {
    const draft = calculations[i] as Draft
    if (!mayTake(i)) continue
    const taken = Math.min(rest, draft.net)
    if (taken === 0) continue
    rest -= taken
    draft.net = (draft.net - taken) as Ore
    if (setOff) draft.setOff = (draft.setOff + taken) as Ore
    else draft.thirdParty = (draft.thirdParty + taken) as Ore
    person.deductions.push({
      item: draft.item,
      order: order.order,
      line: deduction.line,
      kind: deduction.kind,
      amount: taken as Ore,
      claimKey: deduction.claimKey,
    })
  }
  const taken = room - rest
  if (claim >= 0) (claims as number[])[claim] = available - taken
  const untaken = deduction.amount - taken
  if (untaken === 0) return
  person.untaken.push({
    order: order.order,
    line: deduction.line,
    kind: deduction.kind,
    amount: untaken as Ore,
    reason: reasonOf(person, deduction, claim, { short: rest > 0, kept: room < wanted }),
  })
}

/** The nearest reason why a deduction was not taken whole. */
function reasonOf(
  person: Person,
  { kind, claimKey }: DeductionToTake,
  claim: number,
  why: { readonly short: boolean; readonly kept: boolean },
): Untaken['reason'] {
  if (kind === 'set_off' && claim < 0) {
    return person.input.claims.some((one) => one.claimKey === claimKey) ? 'claim_of_other' : 'claim_unknown'
  }
  if (why.short) return 'net_too_small'
  return why.kept ? 'minimum_left' : 'claim_exhausted'
}

/** The position of a claim, or -1. */
function claimOf(person: Person, claimKey: string | undefined): number {
  const { claims } = person.input
  person.claims ??= claims.map((claim) => claim.left)
  for (let i = 0; i < claims.length; i++) if (claims[i]?.claimKey === claimKey && claims[i]?.ofOther !== true) return i
  return -1
}

/** gross = own ATP + AM-bidrag + A-skat + set off + third party + net, and no part is negative. */
function check(c: Draft): void {
  const parts = c.ownAtp + c.am + c.tax + c.setOff + c.thirdParty + c.net
  const least = Math.min(c.ownAtp, c.am, c.tax, c.setOff, c.thirdParty, c.net, c.employerAtp, c.pension, c.taxBase)
  if (parts !== c.gross || least < 0) throw new AssertionFailed(`item ${c.item}: ${JSON.stringify(c)}`)
}
