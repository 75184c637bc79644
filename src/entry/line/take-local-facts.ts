/** What a municipality tells of itself: its rules, and what its old systems paid, which from then on stands here. */
import { createHash } from 'node:crypto'
import type { Tx } from '../../base/db.ts'
import type { Day } from '../../base/date.ts'
import { itemId, type Municipality, numbered, type OrderId } from '../../base/id.ts'
import { type Ore, ZERO } from '../../base/money.ts'
import {
  type FaultCode,
  fault,
  type LocalRuleFact,
  MAX_LINES,
  type PaidBeforeFact,
} from '../../adapters/source-systems/index.ts'
import { type Calculation, calculationWriter, NOT_OURS } from '../../modules/effectuation/index.ts'
import {
  type Base,
  type FaultyLine,
  knownOrders,
  recordBases,
  releaseForBases,
  SOURCE_SYSTEM_ID,
} from '../../modules/orders/index.ts'
import type { PartyBook } from '../../modules/parties/index.ts'
import { type RateReader, readLocalRules, recordLocalRules } from '../../modules/rates/index.ts'
import { nextWorkNo } from './plan-month.ts'

export interface Intake {
  readonly municipality: Municipality
  readonly intakeNo: number
  readonly knownAt: string
}

export interface LocalFacts {
  readonly rules: LocalRuleFact[]
  /** With the line of the file that each stands in. */
  readonly paidBefore: { readonly fact: PaidBeforeFact; readonly line: number }[]
}

/** Rules first: a base needs its takeover. Gives what of the bases was refused, one fault a decision. */
export async function takeLocalFacts(
  tx: Tx,
  rates: RateReader,
  intake: Intake,
  { rules, paidBefore }: LocalFacts,
  parties: PartyBook,
): Promise<{ readonly records: number; readonly refused: readonly FaultyLine[] }> {
  const { municipality, intakeNo, knownAt } = intake
  await recordLocalRules(
    tx,
    municipality,
    intakeNo,
    rules.map(({ record: kind, benefit, ...rule }) => ({
      ...rule,
      kind,
      benefit: benefit === '' ? 0 : (rates.known.benefitId.get(benefit) ?? 0),
    })),
  )
  if (paidBefore.length === 0) return { records: 0, refused: [] }
  const decisions = [...Map.groupBy(paidBefore, ({ fact }) => `${fact.sourceSystem} ${fact.orderKey}`).values()]
  const faultOf = await judge(tx, municipality, decisions)
  const refused: FaultyLine[] = []
  const bases: Base[] = []
  let records = 0
  for (const decision of decisions) {
    const { fact, line } = decision[0] as (typeof decision)[number]
    const code = faultOf(decision)
    if (code !== undefined) {
      records += decision.length
      const what = fault(code, '', `Of the decision ${fact.orderKey} nothing is taken.`)
      refused.push({ line, orderKey: fact.orderKey, version: 0, faults: [what] })
      continue
    }
    const items = decision.map((one) => one.fact)
    const hash = createHash('sha256').update(JSON.stringify(items)).digest()
    bases.push({ order: numbered(intakeNo, bases.length), hash, items })
  }
  const benefitId = (key: string) => rates.known.benefitId.get(key) ?? 0
  await recordBases(tx, municipality, bases, (ref) => parties.id(ref), benefitId)
  await recordWhatWasPaid(tx, rates, intake, bases, parties, `paid before ${intakeNo}`)
  await releaseForBases(
    tx,
    municipality,
    bases.map((base) => base.order),
    knownAt,
  )
  return { records, refused }
}

type Decision = LocalFacts['paidBefore']

async function judge(
  tx: Tx,
  municipality: Municipality,
  decisions: readonly Decision[],
): Promise<(decision: Decision) => FaultCode | undefined> {
  const rules = await readLocalRules(tx, municipality)
  const keys = decisions.map(([first]) => {
    const { sourceSystem, orderKey } = (first as Decision[number]).fact
    return { source: SOURCE_SYSTEM_ID[sourceSystem], orderKey }
  })
  const known = new Map(
    (await knownOrders(tx, municipality, keys)).map((one) => [`${one.source} ${one.orderKey}`, one]),
  )
  return (decision) => {
    const { sourceSystem, orderKey } = (decision[0] as Decision[number]).fact
    const takeover: Day | undefined = rules.takeover(SOURCE_SYSTEM_ID[sourceSystem])
    if (takeover === undefined) return 'paid_before_without_takeover'
    if (decision.some(({ fact }) => fact.dispositionDate >= takeover)) return 'paid_before_after_takeover'
    if (decision.length > MAX_LINES) return 'paid_before_too_long'
    const before = known.get(`${SOURCE_SYSTEM_ID[sourceSystem]} ${orderKey}`)
    if (before?.base === true) return 'paid_before_known'
    return before?.calculated === true ? 'paid_before_too_late' : undefined
  }
}

/** As calculations that no office of ours pays: nothing is due of them. Gives the number of the work. */
export async function recordWhatWasPaid(
  tx: Tx,
  rates: RateReader,
  { municipality, knownAt }: Intake,
  bases: readonly Base[],
  parties: PartyBook,
  cause: string,
): Promise<number> {
  const workNo = await nextWorkNo(tx, municipality)
  const writer = calculationWriter(municipality, workNo)
  let items = 0
  for (const { order, items: paid } of bases) {
    for (const [i, one] of paid.entries()) {
      const c = calculationOf(rates, municipality, order, i + 1, one)
      const railKind = rates.benefitRule(c.benefit, one.period.from).nemKontoKind
      const pay = { payee: parties.id(one.payee), dispositionDate: one.dispositionDate, unit: NOT_OURS, railKind }
      writer.calculation(c, i + 1, SOURCE_SYSTEM_ID[one.sourceSystem], pay)
      items++
    }
  }
  await tx.run(
    `insert into work_batches (municipality_code, work_no, kind, cause, known_at) values ($1, $2, 'facts', $3, $4)`,
    [municipality, workNo, cause, knownAt],
  )
  await tx.run('insert into work_done values ($1, $2, $3)', [municipality, workNo, JSON.stringify({ items })])
  await writer.write(tx)
  return workNo
}

function calculationOf(
  rates: RateReader,
  municipality: Municipality,
  order: OrderId,
  line: number,
  paid: Base['items'][number],
): Calculation {
  const { gross, ownAtp, am, tax, net, employerAtp, pension, allowance, frikort, taxRate } = paid
  const rule = rates.benefitByKey(paid.benefit, paid.period.from)
  return {
    item: itemId(order, line),
    order,
    benefit: rule.benefit,
    gross,
    ownAtp,
    am,
    tax,
    setOff: ZERO,
    thirdParty: ZERO,
    net,
    employerAtp,
    pension,
    taxBase: Math.max(0, gross - ownAtp - am - allowance - frikort) as Ore,
    allowanceUsed: allowance,
    frikortUsed: frikort,
    taxRate,
    card: 'none',
    cardNo: 0,
    se: rates.unit(municipality, rule.unitKind, paid.dispositionDate).se,
    method: rates.municipality(municipality).taxMethod,
  }
}
