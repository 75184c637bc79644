/**
 * Payments that came back and that nobody claimed. The ERP knows nothing of returns: of what is closed it is told that
 * the money leaves the system's clearing account for where the rule puts it, and back again when it is opened. Nobody
 * else is told: right, income and reimbursement are what they were.
 */
import type { Db } from '../../base/db.ts'
import type { Day } from '../../base/date.ts'
import type { ItemId, Municipality, PartyId } from '../../base/id.ts'
import type { Ore } from '../../base/money.ts'
import { SOURCE_SYSTEMS } from '../orders/index.ts'
import type { PayingUnit } from '../rates/index.ts'
import { NOTHING_MORE, type ReadItem } from './read-told-corrections.ts'

interface Row {
  readonly item: ItemId
  readonly source: number
  readonly benefit: number
  readonly order_key: string
  readonly case_key: string
  readonly line_key: string
  readonly component: string
  readonly beneficiary: PartyId
  readonly payee: PartyId
  readonly period_from: Day
  readonly period_to: Day
  readonly disposition: Day
  readonly posted_on: Day
  readonly account: number
  /** Closed; opened again when negative. */
  readonly ore: number
}

export async function readClosings(
  db: Db,
  municipality: Municipality,
  works: readonly number[],
  after: PartyId,
  until: PartyId,
  unitOf: (benefit: number, periodFrom: Day, payDay: Day) => PayingUnit,
): Promise<ReadItem[]> {
  const rows = await db.rows<Row>(
    `select t.item_id as item, t.source_system as source, t.benefit, o.order_key, o.case_key, l.line_key,
       coalesce(l.component, '') as component, o.beneficiary, o.payee, l.period_from, l.period_to,
       c.disposition_date as disposition, t.posted_on, t.account, t.ore::bigint as ore
     from (select k.item_id, k.part, k.source_system, k.benefit, k.posted_on, k.account, k.amount_ore as ore
         from closed_returns k where k.municipality_code = $1 and k.work_no = any ($2)
       union all
       select k.item_id, k.part, k.source_system, k.benefit, r.posted_on, k.account, -k.amount_ore
         from reopened_returns r join closed_returns k on k.municipality_code = $1 and k.item_id = r.item_id
           and k.part = r.part where r.municipality_code = $1 and r.work_no = any ($2)) t
     cross join lateral (select o.* from orders o where o.municipality_code = $1 and o.order_id = t.item_id >> 6
       and o.beneficiary > $3 and o.beneficiary <= $4 offset 0) o
     cross join lateral (select c.disposition_date from calculations c where c.municipality_code = $1
       and c.order_id = t.item_id >> 6 and c.line_no = (t.item_id & 63)::smallint offset 0) c
     cross join lateral (select l.* from order_lines l where l.municipality_code = $1 and l.order_id = t.item_id >> 6
       and l.line_no = (t.item_id & 63)::smallint offset 0) l
     order by t.item_id, t.part, t.ore desc`,
    [municipality, works, after, until],
  )
  return rows.map((row) => toldOf(row, unitOf))
}

function toldOf(row: Row, unitOf: (benefit: number, periodFrom: Day, payDay: Day) => PayingUnit): ReadItem {
  const item = {
    ...NOTHING_MORE,
    item: row.item,
    sourceSystem: SOURCE_SYSTEMS[row.source - 1] ?? 'KY',
    orderKey: row.order_key,
    caseKey: row.case_key,
    lineKey: row.line_key,
    benefit: row.benefit,
    component: row.component,
    period: { from: row.period_from, to: row.period_to },
    dispositionDate: row.disposition,
    payingUnit: unitOf(row.benefit, row.period_from, row.disposition),
    correction: {
      postedOn: row.posted_on,
      income: false,
      refund: false,
      before: 0 as Ore,
      moved: undefined,
      unclaimed: { account: row.account, amount: row.ore as Ore },
      postings: [],
    },
  } satisfies ReadItem['item']
  return { item, beneficiary: row.beneficiary, payee: row.payee, rightHolder: row.beneficiary }
}
