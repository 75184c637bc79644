/**
 * What a check of a month's deliveries needs to know of the calculations, and what it found. What was withheld is read
 * from the calculations and movements themselves, and not by the way that the reports are made: a report that loses
 * something would lose it here too. @da kontrol af indberetning
 */
import type { Db, Tx } from '../../base/db.ts'
import { type Day, formatDay, type Period } from '../../base/date.ts'
import type { Municipality } from '../../base/id.ts'
import { PARTY_TYPES, type PartyRef } from '../parties/index.ts'

/** Calculated batches that deliveries tell of. */
export async function worksTold(db: Db, municipality: Municipality, deliveryNos: readonly number[]): Promise<number[]> {
  const rows = await db.rows<{ work_no: number }>(
    `select distinct work_no from delivery_batches where municipality_code = $1 and delivery_no = any ($2) order by 1`,
    [municipality, deliveryNos],
  )
  return rows.map((row) => row.work_no)
}

/** How many of these batches have something to be paid in a month. */
export async function worksOfMonth(
  db: Db,
  municipality: Municipality,
  works: readonly number[],
  month: Period,
): Promise<number> {
  if (works.length === 0) return 0
  const row = await db.first<{ n: number }>(
    `select count(distinct work_no)::int as n from calculations where municipality_code = $1 and work_no = any ($2)
       and disposition_date >= $3 and disposition_date < $4`,
    [municipality, works, formatDay(month.from), formatDay(month.to)],
  )
  return row?.n ?? 0
}

/** Of one person and benefit in a month of disposition: what batches calculated, and moved. Øre. */
export interface Withheld {
  readonly person: PartyRef
  /** `2026-03`. */
  readonly month: string
  readonly benefit: number
  readonly from: Day
  readonly tax: number
  readonly am: number
  readonly ownAtp: number
  readonly employerAtp: number
  readonly pension: number
  /** `KY KY-1` */
  readonly orders: readonly string[]
}

export async function readWithheld(
  db: Db,
  municipality: Municipality,
  works: readonly number[],
): Promise<readonly Withheld[]> {
  const rows = await db.rows<Omit<Withheld, 'person'> & { type: number; id: string }>(
    `with item as materialized (
       select c.order_id, c.line_no, c.benefit, c.disposition_date, c.tax_ore, c.am_ore, c.own_atp_ore, c.employer_atp_ore,
         c.pension_ore
       from calculations c where c.municipality_code = $1 and c.work_no = any ($2)
       union all
       select c.order_id, c.line_no, c.benefit, c.disposition_date, m.tax_ore, m.am_ore, m.own_atp_ore, m.employer_atp_ore,
         m.pension_ore
       from item_movements m join calculations c on c.municipality_code = $1 and c.order_id = m.item_id >> 6
         and c.line_no = (m.item_id & 63)::smallint
       where m.municipality_code = $1 and m.work_no = any ($2))
     select p.type, p.identifier as id, to_char(i.disposition_date, 'YYYY-MM') as month, i.benefit,
       min(l.period_from) as "from", sum(i.tax_ore)::bigint as tax, sum(i.am_ore)::bigint as am,
       sum(i.own_atp_ore)::bigint as "ownAtp", sum(i.employer_atp_ore)::bigint as "employerAtp",
       sum(i.pension_ore)::bigint as pension, array_agg(distinct s.key || ' ' || o.order_key) as orders
     from item i
     join orders o on o.municipality_code = $1 and o.order_id = i.order_id
     join order_lines l on l.municipality_code = $1 and l.order_id = i.order_id and l.line_no = i.line_no
     join source_systems s on s.source_system = o.source_system
     join parties p on p.municipality_code = $1 and p.party_id = o.beneficiary
     group by 1, 2, 3, 4 order by 3, 2, 4`,
    [municipality, works],
  )
  return rows.map(({ type, id, ...row }) => ({ ...row, person: { type: PARTY_TYPES[type] ?? 'cpr', id } }))
}

export interface FoundByCheck {
  readonly month: Period
  readonly lines: number
  readonly lacking: number
  readonly lackingOre: number
  /** Without any person's number. */
  readonly detail: Readonly<Record<string, unknown>>
}

/** Records what was found, unless the newest check of the month found the same. */
export async function recordToldCheck(
  tx: Tx,
  municipality: Municipality,
  found: FoundByCheck,
  { at, by }: { readonly at: string; readonly by: string },
): Promise<void> {
  const { month, lines, lacking, lackingOre, detail } = found
  await tx.run(
    `insert into told_checks
     select $1, $2::date, coalesce(n.check_no, 0) + 1, $3::timestamptz, $4, $5, $6, $7, $8::jsonb
     from (select max(check_no) as check_no from told_checks where municipality_code = $1 and month = $2::date) n
     left join told_checks k on k.municipality_code = $1 and k.month = $2::date and k.check_no = n.check_no
     where k.check_no is null or (k.lines, k.lacking, k.lacking_ore, k.detail)
       is distinct from ($5::int, $6::int, $7::bigint, $8::jsonb)`,
    [municipality, formatDay(month.from), at, by, lines, lacking, lackingOre, JSON.stringify(detail)],
  )
}
