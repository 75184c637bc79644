/** "afgør KY-1: …": what two persons decide of what was overpaid, by the same file and approval as `toek decide`. */
import { createHash } from 'node:crypto'
import { day, formatDay } from '../../src/base/date.ts'
import { matchOutcomes, readOutcomes } from '../../src/entry/cli/outcome-file.ts'
import { bookOutcome } from '../../src/entry/line/book-outcome.ts'
import { proposeOutcome, readOverpaid } from '../../src/modules/items/index.ts'
import { formatKroner } from '../../src/base/money.ts'
import type { Play } from './play-scenario.ts'
import { oreOf, type Row } from './read-scenario.ts'

const OUTCOMES: readonly (readonly [RegExp, (many: string) => Record<string, unknown>])[] = [
  [/^betales ikke tilbage$/, () => ({ outcome: 'not_repayable' })],
  [/^teknisk fejl$/, () => ({ outcome: 'technical_error' })],
  [/^tages i (\d+) udbetalinger$/, (many) => ({ outcome: 'adjust', instalments: Number(many) })],
]

/** Undefined when the sentence is something else. An amount before the outcome decides a part. */
export function decisionOf(item: string): { order: string; decides: Record<string, unknown> } | undefined {
  const said = /^afgør (\S+): (?:([\d.,]+) kr\. )?(.+)$/.exec(item)
  if (said === null) return undefined
  const [, order = '', amount, what = ''] = said
  for (const [pattern, outcomeOf] of OUTCOMES) {
    const found = pattern.exec(what)
    if (found === null) continue
    const decides = { ...outcomeOf(found[1] ?? ''), ...(amount === undefined ? {} : { amount_ore: oreOf(amount) }) }
    return { order, decides }
  }
  throw new Error(`"${what}" is no outcome`)
}

/** Booked on the 20th of the month that was run last; the next run tells of it. */
export async function decide(
  play: Play,
  { order, decides }: NonNullable<ReturnType<typeof decisionOf>>,
): Promise<void> {
  const code = play.municipalities.get('') as number
  const text = JSON.stringify({
    municipality: String(code).padStart(4, '0'),
    source_system: order.split('-')[0],
    order_key: order,
    reason: 'Vurderet af to personer',
    ...(decides['outcome'] === 'technical_error' ? {} : { decision: { key: `U-${order}`, date: `${play.month}-19` } }),
    ...decides,
  })
  const { loader, rates } = play.line
  const sha = createHash('sha256').update(`${play.section} ${text}`).digest()
  const proposal = await loader.transaction([code], async (tx) => {
    const lots = await matchOutcomes(tx, code, readOutcomes(text, rates.known.municipalities), rates)
    return await proposeOutcome(tx, code, sha, lots, { at: `${play.month}-20T10:00:00Z`, by: 'anna' })
  })
  const line = { connection: loader, rates, folders: { out: '', in: '' }, at: () => undefined }
  const { proposalNo, amount: total } = proposal
  const act = { proposalNo, total, by: 'bente', at: `${play.month}-20T11:00:00Z`, day: day(`${play.month}-20`) }
  await bookOutcome(line, code, act)
}

const CAUSES = { lowered: 'nedsat', ended: 'ophørt', not_claimed: 'krav trukket tilbage' } as const

/** "For meget udbetalt": what is overpaid, why, and who must act. */
export async function overpaidRows({ line, municipalities }: Play): Promise<Row[]> {
  const code = municipalities.get('') as number
  const lots = await line.reader.transaction([code], (tx) => readOverpaid(tx, code))
  return lots.map((lot) => ({
    ordre: lot.orderKey,
    linje: lot.lineKey,
    version: String(lot.version),
    beløb: formatKroner(lot.gross),
    tilstand: lot.place === 'overpaid' ? 'ikke afgjort' : `tages i ${lot.instalments} udbetalinger`,
    årsag: CAUSES[lot.cause],
    siden: lot.since.slice(0, 10),
    fra: formatDay(lot.from),
  }))
}
