/** Random histories: what two persons decide of what is overpaid, by the same file and approval as `toek decide`. */
import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { day } from '../../src/base/date.ts'
import type { Municipality } from '../../src/base/id.ts'
import { Refusal } from '../../src/base/refusal.ts'
import { matchOutcomes, readOutcomes } from '../../src/entry/cli/outcome-file.ts'
import { bookOutcome } from '../../src/entry/line/book-outcome.ts'
import type { Line } from '../../src/entry/line/line.ts'
import { OUTCOMES, type OutcomeKind, proposeOutcome } from '../../src/modules/items/index.ts'
import { type OutcomeRow, readOutcomeRows } from './check-history.ts'
import { settle } from './history-outcomes.ts'
import type { Model } from './history-stands.ts'
import { ADJUSTABLE } from './history-records.ts'
import type { Dice } from './dice.ts'

interface Decided {
  readonly order: string
  readonly system: string
  readonly outcome: OutcomeKind
  readonly instalments: number
  readonly amount: number | undefined
}

/** One decision of a municipality in a month at most; `codes`: the municipality and its twin. Gives what it was. */
export async function decideOutcome(
  line: Line,
  codes: readonly Municipality[],
  model: Model,
  month: string,
  roll: Dice,
): Promise<string | undefined> {
  const open = [...model.decisions.values()].filter(({ overpaid, adjusting }) => overpaid.size + adjusting.size > 0)
  const one = open[roll(Math.max(1, open.length))]
  if (one === undefined) return undefined
  const outcome = OUTCOMES[roll(OUTCOMES.length)] as OutcomeKind
  const sheets = outcome === 'adjust' ? [one.overpaid] : [one.overpaid, one.adjusting]
  const all = sheets.flatMap((sheet) => [...sheet.values()]).reduce((sum, gross) => sum + gross, 0)
  // Of a part the oldest goes first, and files in another order make others the oldest.
  const amount = codes.length === 1 && all > 0 && roll(2) === 0 ? 1 + roll(all) : undefined
  const decided = { order: one.order, system: one.system, outcome, amount, instalments: 1 + roll(3) }
  const mayBe =
    all > 0 &&
    (outcome !== 'adjust' || [...one.overpaid.keys()].every((key) => ADJUSTABLE.has(key.split(' ')[3] ?? '')))
  for (const code of codes) {
    const refused = await decide(line, code, month, decided)
    if (!mayBe) assert.equal(refused, 'faults', `${outcome} of ${one.order}`)
    else if (refused !== undefined)
      assert.ok(['nothing_to_claim', 'came_back'].includes(refused), `${outcome} of ${one.order}: ${refused}`)
    if (refused !== undefined) return `${outcome}, refused`
  }
  const rows = await readOutcomeRows(line.connection.db, codes[0] as Municipality, `${month}-01T07:30:00Z`)
  const sum = rows.reduce((total, { gross }) => total + gross, 0)
  assert.equal(sum, amount ?? all, `${outcome} of ${one.order} books what was decided`)
  for (const row of rows) settle(model, rowOf(row, outcome))
  return outcome
}

const GOES_TO = { not_repayable: 'kept', adjust: 'adjusting', technical_error: 'claim' } as const

function rowOf(row: OutcomeRow, outcome: OutcomeKind) {
  const to = GOES_TO[outcome]
  assert.equal(row.to, to, `${outcome} of ${row.order}`)
  return { ...row, to }
}

/** Gives why it was refused. */
async function decide(line: Line, code: Municipality, month: string, decided: Decided): Promise<string | undefined> {
  const { order, system, outcome, amount, instalments } = decided
  const text = JSON.stringify({
    municipality: String(code).padStart(4, '0'),
    source_system: system,
    order_key: order,
    reason: 'Vurderet af to personer',
    outcome,
    ...(outcome === 'technical_error' ? {} : { decision: { key: `U-${order}`, date: `${month}-01` } }),
    ...(outcome === 'adjust' ? { instalments } : {}),
    ...(amount === undefined ? {} : { amount_ore: amount }),
  })
  const sha = createHash('sha256').update(`${code} ${month} ${text}`).digest()
  const at = `${month}-01T07:30:00Z`
  try {
    const { proposalNo, amount: total } = await line.connection.transaction([code], async (tx) => {
      const lots = await matchOutcomes(tx, code, readOutcomes(text, line.rates.known.municipalities), line.rates)
      return await proposeOutcome(tx, code, sha, lots, { at, by: 'anna' })
    })
    await bookOutcome(line, code, { proposalNo, total, by: 'bente', at, day: day(`${month}-01`) })
    return undefined
  } catch (error) {
    if (error instanceof Refusal) return error.code
    throw error
  }
}
