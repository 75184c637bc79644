/** Writes what was calculated: one row an item, the deductions, and what could not be deducted. */
import { rowReader, rowWriter } from '../../base/copy.ts'
import type { Db, Tx } from '../../base/db.ts'
import { type Day, formatDay } from '../../base/date.ts'
import type { ItemId, Municipality, OrderId, PartyId } from '../../base/id.ts'
import type { Ore } from '../../base/money.ts'
import { CARD_KINDS } from '../parties/index.ts'
import { TAX_METHODS } from '../rates/index.ts'
import type { AtpTaken, Calculation, CardUse, Deduction, StandsAlready, Untaken } from './calculation.ts'
import { monthSpan } from './periods.ts'
import { NOTHING_WITHHELD, type Withheld } from './reduce.ts'

/** The paying office of what an old system paid: nothing of it is due here. */
export const NOT_OURS = -1

/** Whom an item is paid to, when, and by which office: frozen with its calculation. */
export interface PaidHow {
  readonly payee: PartyId
  readonly dispositionDate: Day
  readonly unit: number
  /** NemKonto ydelsesart. */
  readonly railKind: string
}

export interface CalculationWriter {
  calculation(c: Calculation, line: number, source: number, pay: PaidHow): void
  /** `payee`: of a third party. */
  deduction(d: Deduction, payee: PartyId | undefined): void
  untaken(u: Untaken): void
  write(tx: Tx): Promise<void>
}

const CALCULATION_COLUMNS = `municipality_code, order_id, line_no, work_no, source_system, benefit, gross_ore,
  own_atp_ore, am_ore, tax_ore, set_off_ore, third_party_ore, net_ore, employer_atp_ore, pension_ore, tax_base_ore,
  allowance_used_ore, frikort_used_ore, tax_rate_millionths, card, card_no, se, tax_method,
  payee, disposition_date, unit, rail_kind`

export function calculationWriter(municipality: Municipality, workNo: number): CalculationWriter {
  const rows = rowWriter(1 << 18)
  const deductions = rowWriter(1 << 12)
  const untaken = rowWriter(1 << 8)
  return {
    calculation(c, line, source, pay) {
      rows.row(27)
      rows.i16(municipality)
      rows.i64(c.order)
      rows.i16(line)
      rows.i32(workNo)
      rows.i16(source)
      rows.i16(c.benefit)
      rows.i64(c.gross)
      rows.i64(c.ownAtp)
      rows.i64(c.am)
      rows.i64(c.tax)
      rows.i64(c.setOff)
      rows.i64(c.thirdParty)
      rows.i64(c.net)
      rows.i64(c.employerAtp)
      rows.i64(c.pension)
      rows.i64(c.taxBase)
      rows.i64(c.allowanceUsed)
      rows.i64(c.frikortUsed)
      rows.i32(c.taxRate)
      rows.i16(CARD_KINDS.indexOf(c.card))
      rows.i16(c.cardNo)
      rows.i32(c.se)
      rows.i16(TAX_METHODS.indexOf(c.method))
      rows.i64(pay.payee)
      rows.date(pay.dispositionDate)
      rows.i32(pay.unit)
      rows.text(pay.railKind)
    },
    deduction(d, payee) {
      deductions.row(6)
      deductions.i16(municipality)
      deductions.i64(d.item)
      deductions.i16(d.line)
      deductions.i16(d.kind === 'set_off' ? 1 : 2)
      deductions.i64(d.amount)
      if (payee === undefined) deductions.nothing()
      else deductions.i64(payee)
    },
    untaken(u) {
      untaken.row(5)
      untaken.i16(municipality)
      untaken.i64(u.order)
      untaken.i16(u.line)
      untaken.i64(u.amount)
      untaken.text(u.reason)
    },
    async write(tx) {
      await tx.copyIn('calculations', CALCULATION_COLUMNS, rows)
      if (deductions.rows > 0) {
        const columns = 'municipality_code, item_id, line_no, kind, amount_ore, payee'
        await tx.copyIn('deductions', columns, deductions)
      }
      if (untaken.rows > 0) {
        const columns = 'municipality_code, order_id, line_no, amount_ore, reason'
        await tx.copyIn('untaken_deductions', columns, untaken)
      }
    },
  }
}

/** What stood already of lines that corrections raise. */
export async function recordStanding(
  tx: Tx,
  municipality: Municipality,
  lines: readonly { readonly order: OrderId; readonly line: number; readonly standing: StandsAlready }[],
): Promise<void> {
  if (lines.length === 0) return
  const rows = rowWriter(1 << 10)
  for (const { order, line, standing } of lines) {
    rows.row(7)
    rows.i16(municipality)
    rows.i64(order)
    rows.i16(line)
    rows.i64(standing.gross)
    rows.i64(standing.ownAtp)
    rows.i64(standing.employerAtp)
    rows.i64(standing.pension)
  }
  const columns = 'municipality_code, order_id, line_no, gross_ore, own_atp_ore, employer_atp_ore, pension_ore'
  await tx.copyIn('standing_lines', columns, rows)
}

/** True when anything of the municipality was calculated before: only then is earlier use of cards looked for. */
export async function anyCalculated(db: Db, municipality: Municipality): Promise<boolean> {
  return (
    (await db.first('select 1 from calculations where municipality_code = $1 limit 1', [municipality])) !== undefined
  )
}

/** What earlier calculations of a person leave for the next. */
export interface Earlier {
  readonly used: CardUse[]
  readonly atp: AtpTaken[]
}

/**
 * Earlier use of tax cards, and ATP taken by the month, of these persons: as calculated, and as corrected since.
 * `since`: for each person the day from which it matters; what was for time before it is left out, so that a month
 * costs the same however many came before it. `now`: orders that are being calculated, so that what was is not looked
 * for among them. `changes`: corrections that are being made and are not written yet.
 */
export async function readEarlier(
  db: Db,
  municipality: Municipality,
  since: ReadonlyMap<PartyId, Day>,
  now: Iterable<OrderId>,
  changes: ReadonlyMap<ItemId, Withheld> = new Map(),
): Promise<Map<PartyId, Earlier>> {
  const persons = [...since.keys()].join(',')
  const days = [...since.values()].map(formatDay).join(',')
  const rows = rowReader(
    await db.copyOut(`select p.person, c.order_id * 64 + c.line_no, c.se, c.card_no, c.benefit, l.period_from, l.period_to,
       (c.allowance_used_ore + coalesce(m.allowance, 0))::bigint, (c.frikort_used_ore + coalesce(m.frikort, 0))::bigint,
       (c.own_atp_ore + coalesce(m.atp, 0))::bigint
     from unnest('{${persons}}'::bigint[], '{${days}}'::date[]) as p (person, since)
     -- offset 0 keeps both look-ups by key, whatever the statistics say of a month that is being calculated.
     cross join lateral (select l.order_id, l.line_no, l.period_from, l.period_to from order_lines l
       where l.municipality_code = ${municipality} and l.right_holder = p.person and l.kind = 0
         and l.period_to > p.since and l.order_id <> all ('{${[...now].join(',')}}'::bigint[]) offset 0) l
     cross join lateral (select c.* from calculations c where c.municipality_code = ${municipality}
       and c.order_id = l.order_id and c.line_no = l.line_no offset 0) c
     cross join lateral (select sum(m.allowance_ore) as allowance, sum(m.frikort_ore) as frikort, sum(m.own_atp_ore) as atp
       from item_movements m where m.municipality_code = ${municipality} and m.item_id = c.order_id * 64 + c.line_no
       offset 0) m
     where c.allowance_used_ore + c.frikort_used_ore + c.own_atp_ore > 0 order by p.person, c.order_id, c.line_no`),
  )
  const earlier = new Map<PartyId, Earlier>()
  while (rows.next()) {
    const person: PartyId = rows.i64()
    const change = changes.get(rows.i64()) ?? NOTHING_WITHHELD
    const [se, cardNo, benefit] = [rows.i32(), rows.i16(), rows.i16()]
    const payPeriod = { from: rows.date(), to: rows.date() }
    const allowance = (rows.i64() + change.allowance) as Ore
    const frikort = (rows.i64() + change.frikort) as Ore
    const one = earlier.get(person) ?? { used: [], atp: [] }
    if (allowance + frikort > 0) one.used.push({ se, cardNo, payPeriod, allowance, frikort })
    if (rows.i64() + change.ownAtp > 0) {
      const { from, to } = monthSpan(payPeriod)
      one.atp.push({ benefit, from, to })
    }
    earlier.set(person, one)
  }
  return earlier
}

/** The calculations of one order, by line. */
export interface CalculatedLine {
  readonly line_key: string
  /** Its key. */
  readonly benefit: string
  readonly card: number
  readonly gross_ore: Ore
  readonly own_atp_ore: Ore
  readonly am_ore: Ore
  readonly tax_ore: Ore
  readonly set_off_ore: Ore
  readonly third_party_ore: Ore
  readonly net_ore: Ore
  readonly employer_atp_ore: Ore
  readonly pension_ore: Ore
}

export async function readCalculatedLines(
  db: Db,
  municipality: Municipality,
  order: OrderId,
): Promise<CalculatedLine[]> {
  return await db.rows<CalculatedLine>(
    `select l.line_key, f.key as benefit, c.card, c.gross_ore, c.own_atp_ore, c.am_ore, c.tax_ore, c.set_off_ore,
       c.third_party_ore, c.net_ore, c.employer_atp_ore, c.pension_ore
     from calculations c join order_lines l on l.municipality_code = $1 and l.order_id = c.order_id
       and l.line_no = c.line_no and l.kind = 0
     join benefits f on f.benefit = c.benefit
     where c.municipality_code = $1 and c.order_id = $2 order by c.line_no`,
    [municipality, order],
  )
}
