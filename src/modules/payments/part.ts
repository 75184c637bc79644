/** The item parts that payments are made of: what a movement of a single payment is posted by. */
import type { Db } from '../../base/db.ts'
import type { ItemId, Municipality, PaymentId } from '../../base/id.ts'
import type { Ore } from '../../base/money.ts'

export interface Part {
  readonly payment: PaymentId
  readonly item: ItemId
  readonly part: number
  readonly source: number
  readonly benefit: number
  readonly amount: Ore
}

/**
 * What the parts `x` (of payment_parts) are of: look-ups by key for each part, whatever the statistics say. Columns
 * of `c`: the calculation; of `m`: the part's amount.
 */
export function whatPartsAre(x: string): string {
  return `cross join lateral (select c.source_system, c.benefit, c.net_ore from calculations c
    where c.municipality_code = ${x}.municipality_code and c.order_id = ${x}.item_id >> 6
      and c.line_no = (${x}.item_id & 63)::smallint offset 0) c
  cross join lateral (select case when ${x}.part & 63 = 0 then c.net_ore else (select d.amount_ore from deductions d
    where d.municipality_code = ${x}.municipality_code and d.item_id = ${x}.item_id
      and d.line_no = (${x}.part & 63)::smallint) end
    as amount_ore) m`
}

/**
 * Parts `x` of the payments `$4` of municipality `$1` that are not stopped, with what they are of; `$2` and `$3` are
 * the first of the payments and what is behind the last.
 */
const OF_PAYMENTS = `(select x.* from payment_parts x
    where x.municipality_code = $1 and x.payment_id >= $2 and x.payment_id < $3
    -- The index by ranges is asked once, not once for each payment.
    offset 0) x ${whatPartsAre('x')}
  where x.payment_id = any ($4) and not exists (select from stopped_parts s where s.municipality_code = $1
    and s.item_id = x.item_id and s.part = x.part)`

function ofPayments(municipality: Municipality, payments: Iterable<PaymentId>): [number, number, number, PaymentId[]] {
  const ids = [...payments]
  const [first, last] = ids.reduce(([a, b], id) => [Math.min(a, id), Math.max(b, id)], [Infinity, 0])
  return [municipality, first, last + 1, ids]
}

/** The parts of chosen payments of one municipality that are not stopped, sorted by (payment, item, part). */
export async function readParts(db: Db, municipality: Municipality, payments: ReadonlySet<PaymentId>): Promise<Part[]> {
  if (payments.size === 0) return []
  return await db.rows<Part>(
    `select x.payment_id as payment, x.item_id as item, x.part, c.source_system as source, c.benefit, m.amount_ore as amount
     from ${OF_PAYMENTS} order by x.payment_id, x.item_id, x.part`,
    ofPayments(municipality, payments),
  )
}

/** Øre of the parts of the payments `plus` that are not stopped, without those of `minus`, by system and benefit. */
export async function sumParts(
  db: Db,
  municipality: Municipality,
  plus: readonly PaymentId[],
  minus: readonly PaymentId[],
): Promise<{ source: number; benefit: number; amount: number }[]> {
  if (plus.length + minus.length === 0) return []
  return await db.rows(
    `select c.source_system as source, c.benefit,
       sum(case when x.payment_id = any ($5) then 0 - m.amount_ore else m.amount_ore end)::bigint as amount
     from ${OF_PAYMENTS} group by 1, 2`,
    [...ofPayments(municipality, [...plus, ...minus]), minus],
  )
}

/** A part that is due again has a number so much higher: the line is what is below, 0 the citizen's own net. */
export const PART_AGAIN = 64

/** The line that a part is of, whatever the attempt; 0: the citizen's own net. */
export function lineOfPart(part: number): number {
  return part % PART_AGAIN
}

/** Of part `of`: it was stopped or came back, and is due again under a higher number. */
export function isDueAgain(of: {
  readonly item: string
  readonly part: string
  readonly municipality: string
}): string {
  return `exists (select from parts_again n where n.municipality_code = ${of.municipality} and n.item_id = ${of.item}
    and n.part - ${PART_AGAIN} = ${of.part})`
}

/** The line of the order that part `x` is of: a third party's own, or that of the item. */
export function lineNoOf(x: string): string {
  return `(case when ${x}.part & 63 = 0 then ${x}.item_id else ${x}.part end & 63)::smallint`
}

/**
 * Parts `x` that came back and are due again: their money is on no return account any more. `$1` is the municipalities;
 * few are, and nothing is looked up for the others.
 */
export const ORDERED_AGAIN = `parts_again n
  cross join lateral (select x.* from payment_parts x where x.municipality_code = n.municipality_code
    and x.item_id = n.item_id and x.part = n.part - ${PART_AGAIN} and n.municipality_code = any ($1)
    and exists (select from payment_returns b where b.municipality_code = x.municipality_code
      and b.payment_id = x.payment_id) offset 0) x ${whatPartsAre('x')}`

/** Part `x` is paid again: an earlier attempt of it came back. */
export function isPaidAgain(x: string): string {
  return `(${x}.part >= ${PART_AGAIN} and exists (select from payment_parts e join payment_returns b
    on b.municipality_code = e.municipality_code and b.payment_id = e.payment_id
    where e.municipality_code = ${x}.municipality_code and e.item_id = ${x}.item_id and e.part < ${x}.part
      and e.part & 63 = ${x}.part & 63))`
}

const ITEM_OF_C = { municipality: 'c.municipality_code', item: 'c.order_id * 64 + c.line_no' }

/** Item `c` is paid by an office of ours; or what an old system paid of it came back, and is as if it had been. */
const IS_OURS = `(c.unit >= 0 or (select true from payment_parts b
  where b.municipality_code = c.municipality_code and b.item_id = c.order_id * 64 + c.line_no and b.part = 0))`

/**
 * Every part that an item `c` (of calculations) ever had, as `p`: looked up by key. `again`: it was stopped or came
 * back, and is due under another number. Of what no office of ours paid nothing is due; it has no third parties.
 */
export const PARTS_EVER = `cross join lateral (select 0::smallint as part, c.payee, c.net_ore as amount_ore,
    ${isDueAgain({ ...ITEM_OF_C, part: '0' })} as again where c.net_ore > 0 and ${IS_OURS}
  union all select d.line_no, d.payee, d.amount_ore, ${isDueAgain({ ...ITEM_OF_C, part: 'd.line_no' })} from deductions d
    where d.municipality_code = c.municipality_code and d.item_id = c.order_id * 64 + c.line_no and d.kind = 2
  union all select a.part, a.payee, coalesce(d.amount_ore, c.net_ore), ${isDueAgain({ ...ITEM_OF_C, part: 'a.part' })} from parts_again a
    left join deductions d on d.municipality_code = a.municipality_code and d.item_id = a.item_id
      and d.line_no = (a.part & 63)::smallint
    where a.municipality_code = c.municipality_code and a.item_id = c.order_id * 64 + c.line_no) p`

/** What is due of an item `c`, part by part, as `p`. */
export const DUE_OF_ITEM = `cross join lateral (select p.* from (values (1)) one ${PARTS_EVER} where not p.again) p`
