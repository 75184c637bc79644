/**
 * What a version makes of what was paid before: by right and time what it was, what it should have been, and how the
 * difference is made up. Reckoned from the movements that the version caused and what it pays, so that the parts always
 * add up to the difference. @da ændring ved en ny udgave
 */
import type { Db } from '../../base/db.ts'
import type { Day } from '../../base/date.ts'
import { type ItemId, type Municipality, type OrderId, orderOfItem, type PartyId } from '../../base/id.ts'
import { ore } from '../../base/money.ts'
import { type Place, PLACES } from '../items/index.ts'
import { SOURCE_SYSTEMS, type SourceSystem } from '../orders/index.ts'
import type { PartyRef } from '../parties/index.ts'
import type { RateReader } from '../rates/index.ts'
import type { ChangeParts, SpecifiedChange } from './specification-types.ts'
import { readPartyRefs } from './store.ts'

interface Head {
  readonly order: OrderId
  readonly version: number
  readonly ended: boolean
  readonly reason: string | null
  readonly decision_key: string
  readonly decision_date: Day
  readonly source_system: number
  readonly order_key: string
  readonly beneficiary: PartyId
  readonly work_no: number
}

interface Line {
  readonly at: ItemId
  readonly source_system: number
  readonly order_key: string
  readonly benefit: number
  readonly component: string
  readonly right_holder: PartyId
  readonly period_from: Day
  readonly period_to: Day
  /** What the line says, and what its version paid of it. */
  readonly amount: number
  readonly paid: number
}

interface Moved {
  readonly order: OrderId
  readonly item: ItemId
  readonly from_place: number
  readonly from_ref: number
  readonly to_place: number
  readonly to_ref: number
  readonly gross: number
}

/** One right and time of a version, while it is summed up. */
interface Draft {
  readonly line: Line
  after: number
  readonly parts: { -readonly [K in keyof ChangeParts]: number }
}

/** By order. Orders that change nothing of earlier versions have none; nor has a line that was never paid before. */
export async function readChanges(
  db: Db,
  municipality: Municipality,
  orders: readonly OrderId[],
  rates: RateReader,
): Promise<Map<OrderId, SpecifiedChange[]>> {
  const heads = await readHeads(db, municipality, orders)
  if (heads.length === 0) return new Map()
  const moves = await readMoves(db, municipality, heads)
  const refs = moves.flatMap((one) => [
    ...(one.from_place === STANDS ? [one.from_ref] : []),
    ...(one.to_place === STANDS ? [one.to_ref] : []),
  ])
  const lines = await readLines(db, municipality, heads, refs)
  const byOrder = Map.groupBy(moves, (one) => one.order)
  const drafts = new Map(heads.map((head) => [head, draftsOf(head, lines, byOrder.get(head.order) ?? [])] as const))
  const holders = [...drafts.values()].flatMap((all) => all.map((one) => one.line.right_holder))
  const parties = await readPartyRefs(db, municipality, [...new Set(holders)])
  return new Map(
    [...drafts].map(([head, all]) => [head.order, all.flatMap((one) => changeOf(head, one, parties, rates) ?? [])]),
  )
}

const STANDS = PLACES.indexOf('stands')

/** Of these orders those that were calculated after an earlier version, or after what the old system paid. */
async function readHeads(db: Db, municipality: Municipality, orders: readonly OrderId[]): Promise<Head[]> {
  return await db.rows<Head>(
    `select o.order_id as order, o.version, o.state = 1 as ended, o.reason, o.decision_key, o.decision_date,
       o.source_system, o.order_key, o.beneficiary, c.work_no
     from unnest($2::bigint[]) as u (order_id)
     cross join lateral (select o.* from orders o where o.municipality_code = $1 and o.order_id = u.order_id offset 0) o
     cross join lateral (select c.work_no from calculations c where c.municipality_code = $1
       and c.order_id = u.order_id limit 1) c
     where exists (select from orders e where e.municipality_code = $1 and e.source_system = o.source_system
       and e.order_key = o.order_key and (e.version, e.again) < (o.version, o.again))`,
    [municipality, orders],
  )
}

async function readMoves(db: Db, municipality: Municipality, heads: readonly Head[]): Promise<Moved[]> {
  return await db.rows<Moved>(
    `select m.order_id as order, m.item_id as item, m.from_place, m.from_ref, m.to_place, m.to_ref, m.gross_ore as gross
     from item_movements m where m.municipality_code = $1 and m.work_no = any ($2) and m.order_id = any ($3)
     order by m.work_no, m.movement_no`,
    [municipality, [...new Set(heads.map((head) => head.work_no))], heads.map((head) => head.order)],
  )
}

/** The benefit lines of the orders, and those that something stood at. */
async function readLines(
  db: Db,
  municipality: Municipality,
  heads: readonly Head[],
  refs: readonly ItemId[],
): Promise<Map<ItemId, Line>> {
  const rows = await db.rows<Line>(
    `select l.order_id * 64 + l.line_no as at, o.source_system, o.order_key, l.benefit, l.component, l.right_holder,
       l.period_from, l.period_to, l.amount_ore as amount, coalesce((select c.gross_ore from calculations c
         where c.municipality_code = $1 and c.order_id = l.order_id and c.line_no = l.line_no), 0)::bigint as paid
     from (select l.* from unnest($2::bigint[]) as u (order_id)
         cross join lateral (select l.* from order_lines l where l.municipality_code = $1 and l.order_id = u.order_id
           and l.kind = 0 offset 0) l
       union
       select l.* from unnest($3::bigint[]) as r (at)
         cross join lateral (select l.* from order_lines l where l.municipality_code = $1 and l.order_id = r.at >> 6
           and l.line_no = (r.at & 63)::smallint offset 0) l) l
     cross join lateral (select o.source_system, o.order_key from orders o where o.municipality_code = $1
       and o.order_id = l.order_id offset 0) o order by 1`,
    [municipality, heads.map((head) => head.order), refs],
  )
  return new Map(rows.map((row) => [row.at, row]))
}

function draftsOf(head: Head, lines: ReadonlyMap<ItemId, Line>, moves: readonly Moved[]): Draft[] {
  const drafts = new Map<string, Draft>()
  /** Of another decision nothing is told here: that is its own specification. */
  const of = (at: ItemId): Draft | undefined => {
    const line = lines.get(at)
    if (line === undefined || line.order_key !== head.order_key || line.source_system !== head.source_system) return
    const key = [line.benefit, line.component, line.right_holder, line.period_from, line.period_to].join(' ')
    const found = drafts.get(key) ?? { line, after: 0, parts: { ...NOTHING } }
    drafts.set(key, found)
    return found
  }
  for (const line of lines.values()) {
    if (orderOfItem(line.at) !== head.order || head.ended) continue
    const draft = of(line.at) as Draft
    draft.after += line.amount
    draft.parts.paid += line.paid
  }
  const taken = new Set<string>()
  for (const move of moves) put(move, of, taken)
  return [...drafts.values()].sort((a, b) => a.line.period_from - b.line.period_from || a.line.at - b.line.at)
}

const NOTHING: ChangeParts = {
  paid: 0,
  standsAgain: 0,
  movedHere: 0,
  taken: 0,
  movedAway: 0,
  overpaid: 0,
  atpGivenBack: 0,
  notReached: 0,
}

/** Overpaid and taken in a payment: it stands again at its own line for the length of one movement. */
function put(move: Moved, of: (at: ItemId) => Draft | undefined, taken: Set<string>): void {
  const [from, to] = [PLACES[move.from_place], PLACES[move.to_place]] as [Place, Place]
  const { from_ref: source, to_ref: target, gross } = move
  if (from === 'adjusting' && to === 'stands' && source === target) {
    taken.add(`${move.item} ${source}`)
    return
  }
  const [less, more] = [from === 'stands' ? of(source) : undefined, to === 'stands' ? of(target) : undefined]
  if (from === 'stands' && to === 'stands') {
    if (less === more) return
    const isTaken = less === undefined || taken.delete(`${move.item} ${source}`)
    if (more !== undefined) more.parts[isTaken ? 'taken' : 'movedHere'] += gross
    if (less !== undefined && !isTaken) less.parts.movedAway += gross
    return
  }
  if (more !== undefined) more.parts.standsAgain += gross
  if (less === undefined) return
  if (to !== 'withdrawn') less.parts.overpaid += gross
  else less.parts[target === 0 ? 'notReached' : 'atpGivenBack'] += gross
}

function changeOf(
  head: Head,
  { line, after, parts }: Draft,
  parties: ReadonlyMap<PartyId, PartyRef>,
  rates: RateReader,
): SpecifiedChange | undefined {
  const { paid, standsAgain, movedHere, taken, movedAway, overpaid, atpGivenBack, notReached } = parts
  const difference = paid + standsAgain + movedHere + taken - movedAway - overpaid - atpGivenBack
  const before = after - difference
  // A line that is new is told by its own calculation; one that stays says nothing.
  if (difference === 0 && notReached === 0 && atpGivenBack === 0) return undefined
  if (before === 0 && difference === paid && notReached === 0) return undefined
  return {
    version: head.version,
    sourceSystem: SOURCE_SYSTEMS[head.source_system - 1] as SourceSystem,
    ended: head.ended,
    reason: head.reason ?? undefined,
    decision: { key: head.decision_key, date: head.decision_date },
    benefitName: rates.benefitRule(line.benefit, line.period_from).nameDa,
    component: line.component,
    period: { from: line.period_from, to: line.period_to },
    concerns: line.right_holder === head.beneficiary ? undefined : parties.get(line.right_holder),
    before: ore(before),
    after: ore(after),
    parts,
  }
}
