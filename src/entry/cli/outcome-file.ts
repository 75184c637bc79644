/** The file of `toek decide`: read with every fault and its line, and matched with what is overpaid. */
import { readJson } from '../../adapters/source-systems/index.ts'
import type { Db } from '../../base/db.ts'
import { type Day, parseDay } from '../../base/date.ts'
import type { Municipality } from '../../base/id.ts'
import { formatKroner, type Ore } from '../../base/money.ts'
import { Refusal } from '../../base/refusal.ts'
import {
  OUTCOMES,
  type OutcomeKind,
  type OverpaidLot,
  type ProposedLot,
  readOverpaid,
} from '../../modules/items/index.ts'
import { SOURCE_SYSTEMS } from '../../modules/orders/index.ts'
import { adjustmentRule, MOST_INSTALMENTS, type RateReader } from '../../modules/rates/index.ts'

export interface Outcome {
  readonly line: number
  readonly municipality: Municipality
  readonly source: string
  readonly orderKey: string
  readonly lineKey: string | undefined
  /** Undefined: all that is overpaid of it. */
  readonly amount: number | undefined
  readonly outcome: OutcomeKind
  readonly instalments: number | undefined
  readonly decision: ProposedLot['decision']
  readonly reason: string
}

const FIELDS = 'municipality,source_system,order_key,line_key,amount_ore,outcome,instalments,decision,reason'.split(',')
/** Faults that are told; the rest is seen when these are mended. */
const MOST_TOLD = 50

/** @throws Refusal `faults` that names every line that is wrong; then nothing of the file counts. */
export function readOutcomes(content: string, municipalities: ReadonlySet<Municipality>): Outcome[] {
  const faults: string[] = []
  const outcomes: Outcome[] = []
  for (const [i, text] of content.split('\n').entries()) {
    if (text.trim() === '') continue
    const json = readJson(text)
    const found = json.fault === undefined ? outcomeOf(json.value, i + 1, municipalities) : [json.fault.detail]
    if (Array.isArray(found)) faults.push(...found.map((one) => `line ${i + 1} ${one}`))
    else outcomes.push(found)
  }
  if (faults.length > 0) throw refusal(faults)
  if (outcomes.length === 0) throw new Refusal('faults', 'The file decides nothing: one decision a line.')
  return outcomes
}

function refusal(faults: readonly string[]): Refusal {
  const more = faults.length > MOST_TOLD ? [`… and ${faults.length - MOST_TOLD} more`] : []
  return new Refusal('faults', [...faults.slice(0, MOST_TOLD), ...more].join('\n'))
}

function outcomeOf(value: unknown, line: number, municipalities: ReadonlySet<Municipality>): Outcome | string[] {
  if (typeof value !== 'object' || value === null) return ['is not an object']
  const one = value as Record<string, unknown>
  const faults = Object.keys(one)
    .filter((name) => !FIELDS.includes(name))
    .map((name) => `/${name} is not known; known are ${FIELDS.join(', ')}`)
  const decision = (one['decision'] ?? {}) as Record<string, unknown>
  const date = typeof decision['date'] === 'string' ? parseDay(decision['date']) : undefined
  const municipality = Number(one['municipality'])
  const must = (pointer: string, holds: boolean, what: string) => {
    if (!holds) faults.push(`${pointer} ${what}`)
  }
  const isText = (text: unknown): text is string => typeof text === 'string' && text.trim() !== ''
  must('/municipality', municipalities.has(municipality), 'is not a municipality of four digits')
  must(
    '/source_system',
    SOURCE_SYSTEMS.some((name) => name === one['source_system']),
    'is one of KY, KSD, KP',
  )
  must('/order_key', isText(one['order_key']), 'is missing')
  must('/line_key', one['line_key'] === undefined || isText(one['line_key']), 'is a text')
  const amount = one['amount_ore']
  must(
    '/amount_ore',
    amount === undefined || (Number.isSafeInteger(amount) && Number(amount) > 0),
    'is whole øre above 0',
  )
  const outcome = OUTCOMES.find((known) => known === one['outcome'])
  must(
    '/outcome',
    outcome !== undefined,
    `is one of ${OUTCOMES.join(', ')}; what is claimed back is ordered by the source`,
  )
  const instalments = one['instalments']
  const many = Number.isSafeInteger(instalments) && Number(instalments) >= 1 && Number(instalments) <= MOST_INSTALMENTS
  if (outcome === 'adjust') must('/instalments', many, `is a whole number of coming payments, 1 to ${MOST_INSTALMENTS}`)
  else must('/instalments', instalments === undefined, 'goes only with the outcome adjust')
  if (outcome === 'technical_error') {
    must('/decision', one['decision'] === undefined, 'does not go with technical_error: no right was judged')
  } else {
    must('/decision/key', isText(decision['key']), 'is missing')
    must('/decision/date', date !== undefined, 'is not a date (YYYY-MM-DD)')
  }
  must('/reason', isText(one['reason']), 'is missing: say why, in a sentence')
  if (faults.length > 0) return faults
  return {
    line,
    municipality,
    source: one['source_system'] as string,
    orderKey: one['order_key'] as string,
    lineKey: one['line_key'] as string | undefined,
    amount: amount as number | undefined,
    outcome: outcome as OutcomeKind,
    instalments: instalments as number | undefined,
    decision: outcome === 'technical_error' ? undefined : { key: decision['key'] as string, date: date as Day },
    reason: one['reason'] as string,
  }
}

/**
 * Takes each decision out of what is overpaid, the oldest first; what waits to be taken in coming payments after what
 * is undecided, and not to be taken so once more. @throws Refusal `faults` when one decides more, or what no rule
 * allows.
 */
export async function matchOutcomes(
  db: Db,
  municipality: Municipality,
  outcomes: readonly Outcome[],
  rates: RateReader,
): Promise<ProposedLot[]> {
  const lots = await readOverpaid(db, municipality, [...new Set(outcomes.map((one) => one.orderKey))])
  const left = new Map(lots.map((lot) => [lot, lot.gross as number]))
  const faults: string[] = []
  const proposed: ProposedLot[] = []
  for (const one of outcomes) {
    const own = lots
      .filter((lot) => isOf(one, lot) && (one.outcome !== 'adjust' || lot.place === 'overpaid'))
      .sort((a, b) => Number(a.place === 'adjusting') - Number(b.place === 'adjusting'))
    if (proposed.some((lot) => own.some((two) => two.item === lot.item && two.at === lot.at))) {
      faults.push(`line ${one.line} /order_key ${one.orderKey} is decided by an earlier line of the file`)
      continue
    }
    const overpaid = own.reduce((sum, lot) => sum + (left.get(lot) ?? 0), 0)
    let rest = one.amount ?? overpaid
    if (rest > overpaid || overpaid === 0) {
      const said = one.amount === undefined ? 'nothing' : `${formatKroner(overpaid)} of ${formatKroner(one.amount)} kr.`
      faults.push(`line ${one.line} /order_key ${one.orderKey}: ${said} is overpaid and undecided`)
      continue
    }
    const forbidden = own.find((lot) => one.outcome === 'adjust' && !allows(rates, lot, one.decision?.date))
    if (forbidden !== undefined) {
      const of = `line ${one.line} /outcome ${one.orderKey}: of ${forbidden.benefit}`
      faults.push(`${of} nothing is taken in coming payments by its rule; decide another outcome`)
      continue
    }
    for (const lot of own) {
      const gross = Math.min(rest, left.get(lot) ?? 0)
      if (gross === 0) continue
      rest -= gross
      left.set(lot, (left.get(lot) ?? 0) - gross)
      const { outcome, instalments, decision, reason } = one
      const { item, place, at } = lot
      proposed.push({ item, place, at, gross: gross as Ore, outcome, instalments, decision, reason })
    }
  }
  if (faults.length > 0) throw refusal(faults)
  return proposed
}

function allows(rates: RateReader, lot: OverpaidLot, decided: Day | undefined): boolean {
  const id = rates.known.benefitId.get(lot.benefit)
  if (id === undefined || decided === undefined) return false
  return adjustmentRule(rates.benefitRule(id, lot.from), decided) !== undefined
}

function isOf(one: Outcome, lot: OverpaidLot): boolean {
  return (
    lot.source === one.source &&
    lot.orderKey === one.orderKey &&
    (one.lineKey === undefined || lot.lineKey === one.lineKey)
  )
}
