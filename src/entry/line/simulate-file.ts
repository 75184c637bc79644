/**
 * What a whole order file would come to: taken in, planned and calculated for real, in one transaction that is rolled
 * back. So a change that concerns thousands is seen, with its sums and its largest, before it is sent. @da simulering
 */
import { partsOf, type Tx } from '../../base/db.ts'
import { formatMonth, type Period } from '../../base/date.ts'
import { type Municipality, municipalityText, numbered } from '../../base/id.ts'
import { Refusal } from '../../base/refusal.ts'
import { IS_TAKEN } from '../../modules/items/index.ts'
import { calculateBatch } from './calculate-batch.ts'
import { monthClock } from './clock.ts'
import { crossYears } from './cross-year.ts'
import { importFile, type ImportResult } from './import-file.ts'
import type { Line } from './line.ts'
import { planMonth } from './plan-month.ts'

const SUMS = [
  'paid_gross',
  'paid_tax',
  'paid_net',
  'withdrawn',
  'moved',
  'closed',
  'overpaid',
  'claimed_gross',
] as const

/** Whole øre. */
export type FileSums = Record<`${(typeof SUMS)[number]}_ore`, number>

export interface FileSimulation {
  readonly file_id: string
  readonly municipality: string
  readonly month: string
  readonly orders: number
  readonly refused: readonly { readonly line: number; readonly order_key: string; readonly code: string }[]
  readonly held: readonly { readonly kind: string; readonly orders: number }[]
  /** Orders that pay something, that change what was paid, and that change nothing. */
  readonly outcomes: { readonly pays: number; readonly corrects: number; readonly unchanged: number }
  readonly totals: FileSums
  readonly by_benefit: readonly (FileSums & { readonly benefit: string })[]
  /** The ten orders with the largest difference in gross, paid or taken back. */
  readonly largest: readonly { readonly order_key: string; readonly version: number; readonly difference_ore: number }[]
  readonly postings: readonly { readonly account: string; readonly debit_ore: number; readonly credit_ore: number }[]
}

class RolledBack extends Error {
  readonly simulation: FileSimulation
  constructor(simulation: FileSimulation) {
    super('a simulation')
    this.simulation = simulation
  }
}

export interface FileOptions {
  readonly month: Period
  readonly actor: string
  readonly onStage?: (stage: string, total?: number) => void
  readonly onDone?: (done: number) => void
}

/** @throws Refusal when the file would be refused, was loaded before, or a batch of the municipality is underway. */
export async function simulateFile(
  line: Line,
  open: () => AsyncIterable<Uint8Array>,
  options: FileOptions,
): Promise<FileSimulation> {
  try {
    return await line.connection.transaction([...line.rates.known.municipalities], async (tx) => {
      throw new RolledBack(await simulate(tx, { ...line, connection: partsOf(tx, line.connection) }, open, options))
    })
  } catch (error) {
    if (error instanceof RolledBack) return error.simulation
    throw error
  }
}

async function simulate(
  tx: Tx,
  line: Line,
  open: () => AsyncIterable<Uint8Array>,
  { month, actor, onStage, onDone }: FileOptions,
): Promise<FileSimulation> {
  const clock = monthClock(month)
  let lines = 0
  onStage?.('modtagelse')
  const taken = await importFile(line, open, {
    knownAt: clock.intake,
    actor,
    onLines: (count) => onDone?.((lines += count)),
  })
  const municipality = loadedInto(taken)
  await nothingUnderway(tx, municipality)
  await crossYears(line, municipality, month, clock)
  const plan = await planMonth(line, municipality, month, clock)
  const orders = [...plan.orders.values()].reduce((sum, count) => sum + count, 0)
  onStage?.('beregning', orders)
  for (const workNo of plan.batches) {
    await calculateBatch(line, { municipality, workNo, knownAt: clock.calculated })
    onDone?.(plan.orders.get(workNo) ?? 0)
  }
  return await tell(tx, municipality, taken, month)
}

function loadedInto(taken: ImportResult): Municipality {
  if (taken.state === 'unchanged') {
    throw new Refusal('already_loaded', `The file ${taken.fileId} is loaded already: there is nothing to simulate.`)
  }
  if (taken.state === 'refused' || taken.municipality === undefined) {
    const why = taken.findings.map((one) => `${one.pointer} ${one.code}: ${one.detail}`).join('\n')
    throw new Refusal('file_refused', `The file would be refused.\n${why}`)
  }
  return taken.municipality
}

async function nothingUnderway(tx: Tx, municipality: Municipality): Promise<void> {
  const open = await tx.first(
    `select 1 from work_batches w where w.municipality_code = $1 and w.kind = 'calculate' and not exists (select
       from work_done d where d.municipality_code = $1 and d.work_no = w.work_no)`,
    [municipality],
  )
  if (open !== undefined) {
    const where = municipalityText(municipality)
    throw new Refusal('being_calculated', `Orders of ${where} are being calculated. Try again when the run has ended.`)
  }
}

/** What is changed of benefits by the orders of an intake: paid by calculations, corrected by movements. */
const CHANGES = `with changed as (
    select c.order_id, c.benefit, c.gross_ore as paid_gross, c.tax_ore as paid_tax, c.net_ore as paid_net, 0 as withdrawn,
      0 as moved, 0 as closed, 0 as overpaid, 0 as claimed_gross, c.gross_ore as difference
    from calculations c where c.municipality_code = $1 and c.order_id >= $2 and c.order_id < $3 and c.gross_ore > 0
    union all
    select m.order_id, c.benefit, 0, 0, 0, case when m.to_place = 1 and m.to_ref = 0 then m.gross_ore else 0 end,
      case when m.from_place = 0 and m.to_place = 0 then m.gross_ore else 0 end,
      case when m.from_place <> 0 and m.to_place = 0 and not ${IS_TAKEN} then m.gross_ore else 0 end,
      case when m.from_place in (0, 7) and m.to_place = 2 then m.gross_ore when m.to_place = 7 then -m.gross_ore else 0 end,
      case when m.to_place in (3, 4) then m.gross_ore else 0 end,
      case when m.from_place = 0 and m.to_place <> 0 then -m.gross_ore
        when m.from_place <> 0 and m.to_place = 0 then m.gross_ore else 0 end
    from item_movements m join calculations c on c.municipality_code = $1 and c.order_id = m.item_id >> 6
      and c.line_no = (m.item_id & 63)::smallint
    where m.municipality_code = $1 and m.order_id >= $2 and m.order_id < $3)`

async function tell(tx: Tx, municipality: Municipality, taken: ImportResult, month: Period): Promise<FileSimulation> {
  const range = [municipality, numbered(taken.intakeNo, 0), numbered(taken.intakeNo + 1, 0)]
  const sums = SUMS.map((name) => `coalesce(sum(x.${name}), 0)::bigint as ${name}_ore`).join(', ')
  const byBenefit = await tx.rows<FileSums & { benefit: string }>(
    `${CHANGES} select b.key as benefit, ${sums} from changed x join benefits b on b.benefit = x.benefit
     group by 1 order by 1`,
    range,
  )
  const largest = await tx.rows<FileSimulation['largest'][number]>(
    `${CHANGES} select o.order_key, o.version, sum(x.difference)::bigint as difference_ore
     from changed x join orders o on o.municipality_code = $1 and o.order_id = x.order_id
     group by 1, 2 having sum(x.difference) <> 0 order by abs(sum(x.difference)) desc, 1 limit 10`,
    range,
  )
  const outcomes = await tx.first<FileSimulation['outcomes']>(
    `select count(*) filter (where p.yes) as pays, count(*) filter (where m.yes) as corrects,
       count(*) filter (where not p.yes and not m.yes) as unchanged
     from (select distinct c.order_id from calculations c where c.municipality_code = $1 and c.order_id >= $2
         and c.order_id < $3) o
     cross join lateral (select exists (select from calculations c where c.municipality_code = $1
       and c.order_id = o.order_id and c.gross_ore > 0) as yes) p
     left join (select distinct order_id, true as yes from item_movements where municipality_code = $1) n
       on n.order_id = o.order_id
     cross join lateral (select coalesce(n.yes, false) as yes) m`,
    range,
  )
  const held = await tx.rows<FileSimulation['held'][number]>(
    `select h.kind, count(distinct h.order_id) as orders from order_holds h where h.municipality_code = $1
       and h.order_id >= $2 and h.order_id < $3 and h.kind <> 'superseded' and not exists (select
         from order_hold_releases r where r.municipality_code = $1 and r.order_id = h.order_id and r.hold_no = h.hold_no)
     group by 1 order by 1`,
    range,
  )
  const postings = await tx.rows<FileSimulation['postings'][number]>(
    `select l.account, sum(l.debit_ore)::bigint as debit_ore, sum(l.credit_ore)::bigint as credit_ore
     from entries e join ledger_lines_v1 l on l.municipality = e.municipality_code and l.entry_id = e.entry_id
     where e.municipality_code = $1 and e.cause_id >= $2 and e.cause_id < $3 group by 1 order by 1`,
    range,
  )
  const totals = Object.fromEntries(
    SUMS.map((name) => [`${name}_ore`, byBenefit.reduce((sum, row) => sum + row[`${name}_ore`], 0)]),
  ) as FileSums
  return {
    file_id: taken.fileId,
    municipality: municipalityText(municipality),
    month: formatMonth(month.from),
    orders: taken.accepted,
    refused: taken.refused.map((one) => ({ line: one.line, order_key: one.orderKey, code: one.faults[0]?.code ?? '' })),
    held,
    outcomes: outcomes ?? { pays: 0, corrects: 0, unchanged: 0 },
    totals,
    by_benefit: byBenefit,
    largest,
    postings,
  }
}
