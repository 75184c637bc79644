/** Reads what a batch calculates: the lines of its orders. */
import { rowReader, type RowReader } from '../../base/copy.ts'
import { type Day, dayOf } from '../../base/date.ts'
import type { Db } from '../../base/db.ts'
import type { Municipality, OrderId, PartyId } from '../../base/id.ts'
import type { Ore } from '../../base/money.ts'

/** One line of an order that is to be calculated, with the head of its order; lines of one order follow each other. */
export interface DueLine {
  order: OrderId
  /** Above 1 when something of the order may have been calculated before: a later version, or this one again. */
  version: number
  person: PartyId
  personType: number
  payee: PartyId
  dispositionDate: Day
  source: number
  line: number
  kind: number
  amount: Ore
  benefit: number
  periodFrom: Day
  periodTo: Day
  unit: number
  thousandths: number
  repayable: boolean
  linePayee: PartyId
  claimKey: string
  /** A set-off: it may take from earmarked supplements. */
  fromEarmarked: boolean
  cause: string
  decisionDate: Day
  /** Decided when it was planned, in place of the order's own; undefined: its own. */
  payOn?: Day
}

/** The kind of the one line that stands for a decision that has ended, and of what else a line of it would say. */
const ENDED = {
  line: 0,
  kind: -1,
  amount: 0 as Ore,
  benefit: 0,
  periodFrom: dayOf(2000, 1, 1),
  periodTo: dayOf(2000, 1, 2),
  unit: 0,
  thousandths: 0,
  repayable: false,
  linePayee: 0,
  claimKey: '',
  fromEarmarked: false,
  cause: '',
  decisionDate: 0 as Day,
} as const

/** Of a planned order: since then a person holds it, or a newer version has come. */
const HELD_SINCE = `exists (select from order_holds h where h.municipality_code = orders.municipality_code
  and h.order_id = orders.order_id and h.kind in ('manual', 'superseded') and not exists (select from order_hold_releases r
    where r.municipality_code = h.municipality_code and r.order_id = h.order_id and r.hold_no = h.hold_no))`

/**
 * The lines of a planned batch, in the order of its plan (person, disposition date, order, line), but of those that
 * are held since: released, or as their newer version, they are planned again. The orders are named in the queries
 * themselves: the planner then knows how many they are, with or without statistics.
 */
export async function readBatchLines(db: Db, municipality: Municipality, workNo: number): Promise<DueLine[]> {
  const batch = await db.first<{ order_ids: string[] | null }>(
    'select order_ids from work_batches where municipality_code = $1 and work_no = $2',
    [municipality, workNo],
  )
  // The driver gives the elements of an int8 array as text.
  const orders = (batch?.order_ids ?? []).map(Number)
  const among = (chosen: Iterable<number>): string => `municipality_code = ${municipality}
    and order_id = any ('{${[...chosen].sort((a, b) => a - b).join(',')}}'::bigint[])`
  const heads = rowReader(
    await db.copyOut(`select order_id, version + again, beneficiary, beneficiary_type, payee, disposition_date,
      source_system, state from orders where ${among(orders)} and not ${HELD_SINCE}`),
  )
  const found = new Map<OrderId, { readonly head: DueHead; readonly ended: boolean; readonly lines: DueLine[] }>()
  while (heads.next()) {
    const head = dueHead(heads)
    found.set(head.order, { head, ended: heads.i16() === 1, lines: [] })
  }
  const rows = rowReader(
    await db.copyOut(`select order_id, line_no, kind, amount_ore, benefit, coalesce(period_from, '2000-01-01'),
      coalesce(period_to, '2000-01-02'), coalesce(quantity_unit, 0::smallint), coalesce(quantity_thousandths, 0),
      coalesce(repayable, false), coalesce(payee, 0), claim_key, coalesce(from_earmarked, false), cause, decision_date
      from order_lines where ${among(found.keys())}`),
  )
  while (rows.next()) {
    const own = found.get(rows.i64())
    if (own !== undefined) own.lines.push(dueLine(own.head, rows))
  }
  return orders.flatMap((order) => {
    const own = found.get(order)
    if (own === undefined) return []
    // A decision that has ended wants nothing, whatever lines it still names; nor does one that came to no line.
    if (own.ended || (own.lines.length === 0 && own.head.version > 1)) return [{ ...own.head, ...ENDED }]
    return own.lines.sort((a, b) => a.line - b.line)
  })
}

type DueHead = Pick<DueLine, 'order' | 'version' | 'person' | 'personType' | 'payee' | 'dispositionDate' | 'source'>

function dueHead(rows: RowReader): DueHead {
  return {
    order: rows.i64(),
    version: rows.i32(),
    person: rows.i64(),
    personType: rows.i16(),
    payee: rows.i64(),
    dispositionDate: rows.date(),
    source: rows.i16(),
  }
}

function dueLine(
  { order, version, person, personType, payee, dispositionDate, source }: DueHead,
  rows: RowReader,
): DueLine {
  return {
    order,
    version,
    person,
    personType,
    payee,
    dispositionDate,
    source,
    line: rows.i16(),
    kind: rows.i16(),
    amount: rows.i64() as Ore,
    benefit: rows.i16(),
    periodFrom: rows.date(),
    periodTo: rows.date(),
    unit: rows.i16(),
    thousandths: rows.i32(),
    repayable: rows.bool(),
    linePayee: rows.i64(),
    claimKey: rows.nothing() ? '' : rows.text(),
    fromEarmarked: rows.bool(),
    cause: rows.nothing() ? '' : rows.text(),
    decisionDate: rows.nothing() ? (0 as Day) : rows.date(),
  }
}
