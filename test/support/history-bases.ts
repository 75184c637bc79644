/**
 * Random histories of a municipality that was taken over from an old system: what that one paid of some decisions, told
 * before anything else; TØK's first version of such a decision is a correction.
 */

import { pick } from './dice.ts'
import type { Model } from './history-stands.ts'
import { amountOf, type Decision, draw, type History, periodOf } from './drawn-decision.ts'
import { factFile } from './files.ts'
import { BENEFITS, type BenefitLine, hoursOf, monthText, partyOf, type Version } from './history-records.ts'

/** What was paid of a decision before: its version 0. */
export interface Base {
  readonly version: Version
  readonly facts: (municipality: string) => readonly Record<string, unknown>[]
}

export const TAKEOVER = '2025-07-01'

const SORTS = [
  ['KY', 'kontanthjaelp'],
  ['KY', 'enkeltydelse'],
  ['KSD', 'sygedagpenge'],
  ['KP', 'personligt_tillaeg'],
] as const

/** Untaxed here: what is told is taken as it is told. */
const TAXED = ['kontanthjaelp', 'sygedagpenge']

export function basesOf(history: History): Base[] {
  const { roll } = history
  return Array.from({ length: 1 + roll(3) }, () => baseOf(history)).filter((one) => one !== undefined)
}

/** One to three months of a benefit, on a time that no other decision speaks of. */
function baseOf(history: History): Base | undefined {
  const { roll, citizens, taken, decisions } = history
  const [system, benefit] = pick(roll, SORTS)
  const beneficiary = pick(roll, citizens)
  const order = `${system}-${history.next++}`
  const lines: BenefitLine[] = []
  for (let month = -1 - roll(2); month > -5 && lines.length < 3; month--) {
    const slot = `${beneficiary} ${benefit} ${monthText(month)}`
    if (taken.has(slot)) continue
    taken.set(slot, order)
    const gross = amountOf(roll)
    lines.push({ holder: beneficiary, benefit, component: 'grundsats', ...periodOf(benefit, month, 0), gross })
    if (roll(2) === 0) break
  }
  if (lines.length === 0) return undefined
  const content = { payee: beneficiary, lines, takes: [], repayments: [], withdrawn: false }
  const nothing = { version: 0, before: undefined, missing: undefined }
  const decision: Decision = {
    order,
    system,
    beneficiary,
    holders: [beneficiary],
    benefits: [benefit],
    content,
    ...nothing,
  }
  decisions.push(decision)
  draw(history, 'paid before')
  const version = {
    order,
    system,
    beneficiary,
    version: 0,
    again: 0,
    date: '2025-06-25',
    said: '2025-06-25',
    instalments: undefined,
    ...content,
  }
  const rate = 30 + roll(20)
  return { version, facts: (municipality) => factsOf(version, rate, municipality) }
}

function factsOf(version: Version, rate: number, municipality: string): Record<string, unknown>[] {
  const { order, system, beneficiary, lines, date } = version
  return lines.map((line, i) => {
    const tax = TAXED.includes(line.benefit) ? Math.floor((line.gross * rate) / 10_000) * 100 : 0
    const { unit, kle } = BENEFITS[line.benefit] as (typeof BENEFITS)[string]
    return {
      record: 'paid_before',
      municipality,
      source_system: system,
      order_key: order,
      line_key: String(i + 1),
      case_key: `SAG-${order}`,
      decision: { key: `A-${order}-0`, date },
      beneficiary: partyOf(beneficiary),
      benefit: line.benefit,
      component: line.component,
      period: { from: line.from, to: line.to },
      quantity: { unit, value: unit === 'month' ? '1' : hoursOf(order) },
      kle,
      gross_ore: line.gross,
      own_atp_ore: 0,
      am_ore: 0,
      tax_ore: tax,
      net_ore: line.gross - tax,
      employer_atp_ore: 0,
      pension_ore: 0,
      tax_rate_percent: tax === 0 ? 0 : rate,
      allowance_ore: 0,
      disposition_date: date,
    }
  })
}

/** What the municipality tells of itself: when it was taken over, how far back is corrected, and what was paid. */
export function localFile(
  municipality: string,
  month: string,
  { takenOver, lookBack, small }: Pick<Model, 'takenOver' | 'lookBack' | 'small'>,
  bases: readonly Base[],
): string | undefined {
  const takeovers = ['KY', 'KSD', 'KP'].map((source_system) => ({
    record: 'takeover',
    municipality,
    source_system,
    date: TAKEOVER,
  }))
  const limit = { record: 'look_back', municipality, months: lookBack, valid_from: '2025-01-01' }
  const amounts = { record: 'small_amount', municipality, amount_ore: small?.limit, treatment: small?.treatment }
  const facts = [
    ...(small === undefined ? [] : [{ ...amounts, valid_from: '2025-01-01' }]),
    ...(takenOver ? takeovers : []),
    ...(lookBack > 0 ? [limit] : []),
    ...bases.flatMap((base) => base.facts(municipality)),
  ]
  return facts.length === 0 ? undefined : factFile(`EGNE-${municipality}`, municipality, month, facts)
}
