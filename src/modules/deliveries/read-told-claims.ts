/**
 * Claims on what was paid before the takeover: TØK holds no item of them. The ERP is told that the cost goes down by
 * the claim, and up again by what is left of it when the decision is withdrawn.
 */
import type { Db } from '../../base/db.ts'
import type { Day } from '../../base/date.ts'
import { type ItemId, itemId, type Municipality, type OrderId, type PartyId } from '../../base/id.ts'
import type { Ore } from '../../base/money.ts'
import { movement } from '../items/index.ts'
import { SOURCE_SYSTEMS } from '../orders/index.ts'
import type { PayingUnit } from '../rates/index.ts'
import { NOTHING_MORE, type ReadItem } from './read-told-corrections.ts'

interface Row {
  readonly order_id: OrderId
  readonly line_no: number
  readonly line_key: string
  readonly source: number
  readonly order_key: string
  readonly case_key: string
  readonly beneficiary: PartyId
  readonly payee: PartyId
  readonly benefit: number
  readonly component: string
  readonly period_from: Day
  readonly period_to: Day
  readonly posted_on: Day
  /** Claimed; no longer claimed when negative. */
  readonly ore: number
}

/** Decided claims are numbered by their batch of work, behind opening claims. */
const DECIDED_CLAIMS = 2 ** 21

/** A claim that an order opened, or took back (below zero). */
interface Act {
  readonly claim_id: number
  readonly order_id: OrderId
  readonly ore: number
}

export async function readClaimsBefore(
  db: Db,
  municipality: Municipality,
  works: readonly number[],
  after: PartyId,
  until: PartyId,
  unitOf: (benefit: number, periodFrom: Day, payDay: Day) => PayingUnit,
): Promise<ReadItem[]> {
  const acts = await db.rows<Act>(
    `with act as materialized (
       select k.claim_id, k.order_id, k.amount_ore as ore from unnest($2::bigint[]) as w (work_no)
       cross join lateral (select k.claim_id, k.order_id, k.amount_ore from claims k where k.municipality_code = $1
         and k.claim_id >= (${DECIDED_CLAIMS} + w.work_no) << 24 and k.claim_id < (${DECIDED_CLAIMS} + w.work_no + 1) << 24
         offset 0) k
       union all
       select m.claim_id, m.item_id >> 6, -m.amount_ore from claim_movements m
       where m.municipality_code = $1 and (m.item_id & 63) = 0 and m.item_id > 0 and m.amount_ore > 0)
     select a.* from act a where not exists (select from item_movements m where m.municipality_code = $1
       and m.to_ref = a.claim_id and m.to_place in (3, 4))`,
    [municipality, works],
  )
  if (acts.length === 0) return []
  const rows = await db.rows<Row>(
    `select l.order_id, l.line_no, l.line_key, k.source_system as source, n.order_key, n.case_key, n.beneficiary, n.payee,
       l.benefit, l.component, l.period_from, l.period_to, c.posted_on, t.ore
     from jsonb_to_recordset($5::jsonb) as t (claim_id bigint, order_id bigint, ore bigint)
     cross join lateral (select min(c.disposition_date) as posted_on from calculations c where c.municipality_code = $1
       and c.order_id = t.order_id and c.work_no = any ($2::int[]) offset 0) c
     cross join lateral (select k.* from claims k where k.municipality_code = $1 and k.claim_id = t.claim_id offset 0) k
     cross join lateral (select n.* from orders n where n.municipality_code = $1 and n.order_id = k.order_id offset 0) n
     cross join lateral (select l.* from order_lines l where l.municipality_code = $1 and l.order_id = k.order_id
       and l.kind = 3 and l.claim_key = k.claim_key offset 0) l
     where c.posted_on is not null and n.beneficiary > $3 and n.beneficiary <= $4
     order by l.order_id, l.line_no, t.order_id`,
    [municipality, works, after, until, JSON.stringify(acts)],
  )
  return rows.map((row) => toldOf(row, unitOf))
}

function toldOf(row: Row, unitOf: (benefit: number, periodFrom: Day, payDay: Day) => PayingUnit): ReadItem {
  const at = itemId(row.order_id, row.line_no)
  const period = { from: row.period_from, to: row.period_to }
  const item = {
    ...NOTHING_MORE,
    item: at,
    sourceSystem: SOURCE_SYSTEMS[row.source - 1] ?? 'KY',
    orderKey: row.order_key,
    caseKey: row.case_key,
    lineKey: row.line_key,
    benefit: row.benefit,
    component: row.component,
    period,
    dispositionDate: row.posted_on,
    gross: -row.ore as Ore,
    net: -row.ore as Ore,
    payingUnit: unitOf(row.benefit, row.period_from, row.posted_on),
    correction: correctionOf(row, at, period),
  } satisfies ReadItem['item']
  return { item, beneficiary: row.beneficiary, payee: row.payee, rightHolder: row.beneficiary }
}

/** As if it had been paid here: from cost to claim. What others are told of it is for who paid it. */
function correctionOf(row: Row, at: ItemId, period: { readonly from: Day; readonly to: Day }) {
  const [cost, claim] = [{ place: 'stands', ref: at } as const, { place: 'gross_claim', ref: 0 } as const]
  const [from, to] = row.ore > 0 ? [cost, claim] : [claim, cost]
  return {
    postedOn: row.posted_on,
    income: false,
    refund: false,
    before: 0 as Ore,
    moved: {
      movement: movement({ item: at, from, to, gross: Math.abs(row.ore) as Ore }),
      of: { source: row.source, benefit: row.benefit, period },
      lines: new Map([[at, { benefit: row.benefit, period }]]),
    },
    postings: [],
  }
}
