/**
 * Money received on claims: what debtors paid, of which the ERP is told; and what was received before tax, by them or
 * by a set-off, of which the tax authority is told in the month in which it was received (ligningsloven § 8 O). What a
 * set-off is posted as is told with its item.
 */
import type { Db } from '../../base/db.ts'
import type { Day } from '../../base/date.ts'
import type { ItemId, Municipality, PartyId } from '../../base/id.ts'
import type { Ore } from '../../base/money.ts'
import { GIVEN_BACK_BY_STOP } from '../claims/index.ts'
import { LEDGER_BATCHES_PER_WORK } from '../ledger/index.ts'
import { SOURCE_SYSTEMS } from '../orders/index.ts'
import { CLAIM_SURPLUS, type PayingUnit } from '../rates/index.ts'
import { NOTHING_MORE, type ReadItem } from './read-told-corrections.ts'

interface Row {
  readonly item: ItemId
  readonly claim_key: string
  readonly source: number
  readonly benefit: number
  readonly debtor: PartyId
  readonly period_from: Day
  readonly period_to: Day
  readonly received_on: Day
  readonly posted_on: Day
  readonly repaid: Ore
  readonly taken: Ore
  readonly surplus: Ore
}

/** Of money received before tax on claims (movements `m`): by batches of work `work`, a condition on `work_no`. */
const ofWork = (work: (of: string) => string) => `case
    when m.item_id = 0 then exists (select from claim_payments w where w.municipality_code = m.municipality_code
      and w.claim_id = m.claim_id and w.payment_no = m.line_no and ${work('w')})
    when m.line_no < ${GIVEN_BACK_BY_STOP} then exists (select from calculations w
      where w.municipality_code = m.municipality_code and w.order_id = m.item_id >> 6 and ${work('w')})
    else exists (select from item_movements w join work_batches b on b.municipality_code = w.municipality_code
        and b.work_no = w.work_no and starts_with(b.cause, 'stop ')
      where w.municipality_code = m.municipality_code and w.order_id = m.item_id >> 6 and ${work('w')}) end`

const told = (of: string) => `exists (select from delivery_batches d where d.municipality_code = ${of}.municipality_code
  and d.kind = 'eindkomst' and d.work_no = ${of}.work_no)`

/** What was received before tax in municipalities `$1`, by work that the tax authority has been told of. */
export const RECEIPTS_TOLD = `select m.municipality_code, sum(m.before_tax_ore)::bigint as ore from claim_movements m
  where m.municipality_code = any ($1) and m.before_tax_ore <> 0 and ${ofWork(told)} group by 1`

/** Whether a municipality has any: else nothing is read. */
export const ANY_RECEIPTS = `(exists (select from claim_movements g where g.municipality_code = $1 and g.before_tax_ore <> 0)
  or exists (select from claim_payments g where g.municipality_code = $1))`

export async function readReceipts(
  db: Db,
  municipality: Municipality,
  works: readonly number[],
  after: PartyId,
  until: PartyId,
  unitOf: (benefit: number, periodFrom: Day, payDay: Day) => PayingUnit,
): Promise<ReadItem[]> {
  const rows = await db.rows<Row>(
    `with received as (
       select m.claim_id, m.item_id as item, m.line_no, m.received_on, m.received_on as posted_on, m.before_tax_ore as repaid,
         0::bigint as taken, 0::bigint as surplus
       from claim_movements m where m.municipality_code = $1 and m.before_tax_ore <> 0 and m.item_id > 0
         and ${ofWork((of) => `${of}.work_no = any ($2)`)}
       union all
       select p.claim_id, 0, p.payment_no, coalesce(m.received_on, p.paid_on), b.posting_date, coalesce(m.before_tax_ore, 0),
         p.taken_ore, p.surplus_ore
       from claim_payments p
       join ledger_batches b on b.municipality_code = $1 and b.batch_no = p.work_no * ${LEDGER_BATCHES_PER_WORK}
       left join claim_movements m on m.municipality_code = $1 and m.claim_id = p.claim_id and m.item_id = 0
         and m.line_no = p.payment_no
       where p.municipality_code = $1 and p.work_no = any ($2))
     -- What is posted alone is told of as what is paid back: a claim may be of a benefit that is no more.
     select r.item, k.claim_key, k.source_system as source, k.debtor, r.received_on, r.posted_on, r.repaid, r.taken, r.surplus,
       case when r.repaid = 0 then s.benefit else k.benefit end as benefit,
       case when r.repaid = 0 then r.posted_on else k.period_from end as period_from,
       case when r.repaid = 0 then r.posted_on + 1 else k.period_to end as period_to
     from received r join claims k on k.municipality_code = $1 and k.claim_id = r.claim_id
     join source_systems y on y.source_system = k.source_system
     join benefits s on s.key = '${CLAIM_SURPLUS}_' || lower(y.key)
     where k.debtor > $3 and k.debtor <= $4 order by r.claim_id, r.item, r.line_no`,
    [municipality, works, after, until],
  )
  return rows.map((row) => toldOf(row, unitOf))
}

function toldOf(row: Row, unitOf: (benefit: number, periodFrom: Day, payDay: Day) => PayingUnit): ReadItem {
  const item = {
    ...NOTHING_MORE,
    item: row.item,
    sourceSystem: SOURCE_SYSTEMS[row.source - 1] ?? 'KY',
    orderKey: row.claim_key,
    caseKey: row.claim_key,
    lineKey: '',
    benefit: row.benefit,
    component: '',
    period: { from: row.period_from, to: row.period_to },
    dispositionDate: row.received_on,
    payingUnit: unitOf(row.benefit, row.period_from, row.received_on),
    repaid: row.repaid,
    correction: {
      postedOn: row.posted_on,
      income: row.repaid !== 0,
      refund: false,
      before: 0 as Ore,
      moved: undefined,
      claimPaid: { taken: row.taken, surplus: row.surplus },
      postings: [],
    },
  } satisfies ReadItem['item']
  return { item, beneficiary: row.debtor, payee: row.debtor, rightHolder: row.debtor }
}
