/** The file of `toek decide`: read with every fault and its line, and matched with what is overpaid. */
import { readJson } from '../../adapters/source-systems/index.ts'
import type { Db } from '../../base/db.ts'
import { type Day, parseDay } from '../../base/date.ts'
import type { Municipality } from '../../base/id.ts'
import { formatKroner, type Ore } from '../../base/money.ts'
import { Refusal } from '../../base/refusal.ts'
import { type OverpaidLot, type ProposedLot, readOverpaid } from '../../modules/items/index.ts'
import { SOURCE_SYSTEMS } from '../../modules/orders/index.ts'

export interface Outcome {
  readonly line: number
  readonly municipality: Municipality
  readonly source: string
  readonly orderKey: string
  readonly lineKey: string | undefined
  /** Undefined: all that is overpaid of it. */
  readonly amount: number | undefined
  readonly decisionKey: string
  readonly decisionDate: Day
  readonly reason: string
}

const FIELDS = 'municipality,source_system,order_key,line_key,amount_ore,outcome,decision,reason'.split(',')
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
  must(
    '/outcome',
    one['outcome'] === 'not_repayable',
    'is not_repayable: what is claimed back is ordered by the source',
  )
  must('/decision/key', isText(decision['key']), 'is missing')
  must('/decision/date', date !== undefined, 'is not a date (YYYY-MM-DD)')
  must('/reason', isText(one['reason']), 'is missing: say why it is not claimed back')
  if (faults.length > 0) return faults
  return {
    line,
    municipality,
    source: one['source_system'] as string,
    orderKey: one['order_key'] as string,
    lineKey: one['line_key'] as string | undefined,
    amount: amount as number | undefined,
    decisionKey: decision['key'] as string,
    decisionDate: date as Day,
    reason: one['reason'] as string,
  }
}

/** Takes each decision out of what is overpaid, the oldest first. @throws Refusal `faults` when one decides more. */
export async function matchOutcomes(
  db: Db,
  municipality: Municipality,
  outcomes: readonly Outcome[],
): Promise<ProposedLot[]> {
  const lots = await readOverpaid(db, municipality, [...new Set(outcomes.map((one) => one.orderKey))])
  const left = new Map(lots.map((lot) => [lot, lot.gross as number]))
  const faults: string[] = []
  const proposed: ProposedLot[] = []
  for (const one of outcomes) {
    const own = lots.filter((lot) => isOf(one, lot))
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
    for (const lot of own) {
      const gross = Math.min(rest, left.get(lot) ?? 0)
      if (gross === 0) continue
      rest -= gross
      left.set(lot, (left.get(lot) ?? 0) - gross)
      const { decisionKey, decisionDate, reason } = one
      proposed.push({ item: lot.item, at: lot.at, gross: gross as Ore, decisionKey, decisionDate, reason })
    }
  }
  if (faults.length > 0) throw refusal(faults)
  return proposed
}

function isOf(one: Outcome, lot: OverpaidLot): boolean {
  return (
    lot.source === one.source &&
    lot.orderKey === one.orderKey &&
    (one.lineKey === undefined || lot.lineKey === one.lineKey)
  )
}
