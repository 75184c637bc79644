/** SQL for intakes and for what is ready to be calculated. */
import { rowReader } from '../../base/copy.ts'
import { type Db, municipalityLock, type Tx } from '../../base/db.ts'
import type { Day } from '../../base/date.ts'
import { formatDay } from '../../base/date.ts'
import type { Municipality, OrderId, PartyId } from '../../base/id.ts'
import type { Ore } from '../../base/money.ts'
import type { Fault } from '../../base/refusal.ts'
import { SETTLES } from './order.ts'

export interface Intake {
  readonly municipality: Municipality
  readonly intakeNo: number
  /** 1–3 a source system, 9 facts. */
  readonly source: number
  readonly fileId: string
  readonly sha256: Buffer
  readonly state: 'loaded' | 'refused'
  readonly month: string | null
  readonly lines: number
  readonly accepted: number
  readonly held: number
  readonly refused: number
  readonly findings: readonly Fault[]
  readonly knownAt: string
  readonly actor: string
  /**
   * Of an order file with control sums: the benefits that its sender counted, and those of the orders that were taken.
   */
  readonly toldOre?: number | undefined
  readonly takenOre?: number | undefined
}

/** Serialises intakes and runs of one municipality; held until the transaction ends. */
export async function lockMunicipality(tx: Tx, municipality: Municipality): Promise<void> {
  await tx.run(municipalityLock(municipality))
}

export async function loadedIntake(
  db: Db,
  municipality: Municipality,
  source: number,
  fileId: string,
): Promise<(Pick<Intake, 'intakeNo' | 'sha256' | 'lines' | 'accepted' | 'held' | 'refused'> & object) | undefined> {
  return await db.often.first(
    `select intake_no as "intakeNo", sha256, lines, accepted, held, refused from intakes
     where municipality_code = $1 and source_system = $2 and file_id = $3 and state = 'loaded'`,
    [municipality, source, fileId],
  )
}

/** The intake of a file that was refused before, by its name and bytes. */
export async function refusedIntake(
  db: Db,
  { municipality, source, fileId, sha256 }: Pick<Intake, 'municipality' | 'source' | 'fileId' | 'sha256'>,
): Promise<number | undefined> {
  const row = await db.first<{ intake_no: number }>(
    `select intake_no from intakes where municipality_code = $1 and source_system = $2 and file_id = $3
       and sha256 = $4 and state = 'refused' limit 1`,
    [municipality, source, fileId, sha256],
  )
  return row?.intake_no
}

export async function nextIntakeNo(tx: Tx, municipality: Municipality): Promise<number> {
  const row = await tx.often.first<{ next: number }>(
    'select coalesce(max(intake_no), 0) + 1 as next from intakes where municipality_code = $1',
    [municipality],
  )
  return row?.next ?? 1
}

export async function recordIntake(tx: Tx, intake: Intake): Promise<void> {
  await tx.often.run(
    `insert into intakes (municipality_code, intake_no, source_system, file_id, sha256, state, month, lines, accepted,
       held, refused, findings, known_at, actor, told_ore, taken_ore)
     values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16)`,
    [
      intake.municipality,
      intake.intakeNo,
      intake.source,
      intake.fileId,
      intake.sha256,
      intake.state,
      intake.month === null ? null : `${intake.month}-01`,
      intake.lines,
      intake.accepted,
      intake.held,
      intake.refused,
      JSON.stringify(intake.findings),
      intake.knownAt,
      intake.actor,
      intake.toldOre ?? null,
      intake.takenOre ?? null,
    ],
  )
}

export interface FaultyLine {
  readonly line: number
  readonly orderKey: string
  readonly version: number
  readonly faults: readonly Fault[]
}

export async function recordFaults(
  tx: Tx,
  municipality: Municipality,
  intakeNo: number,
  faulty: readonly FaultyLine[],
): Promise<void> {
  if (faulty.length === 0) return
  await tx.run(
    `insert into intake_faults select $1, $2, f.line, f."orderKey", f.version, f.faults
     from jsonb_to_recordset($3::jsonb) as f (line int, "orderKey" text, version int, faults jsonb)`,
    [municipality, intakeNo, JSON.stringify(faulty)],
  )
}

/** What was wrong with the lines of an intake, as it was said then; the first `most` of them. */
export async function readFaults(
  db: Db,
  municipality: Municipality,
  intakeNo: number,
  most?: number,
): Promise<FaultyLine[]> {
  return await db.rows<FaultyLine>(
    `select line_no as line, order_key as "orderKey", version, faults from intake_faults
     where municipality_code = $1 and intake_no = $2 order by line_no, order_key limit $3`,
    [municipality, intakeNo, most ?? null],
  )
}

/** How many orders of an intake have an open hold. */
export async function countHeld(tx: Tx, municipality: Municipality, intakeNo: number): Promise<number> {
  const row = await tx.often.first<{ held: number }>(
    `select count(distinct h.order_id)::int as held from order_holds h where h.municipality_code = $1
       and h.order_id >= $2::bigint << 24 and h.order_id < ($2::bigint + 1) << 24 and h.kind <> 'superseded'`,
    [municipality, intakeNo],
  )
  return row?.held ?? 0
}

/** Every version of an order's decision. */
export async function versionsOf(db: Db, municipality: Municipality, order: OrderId): Promise<OrderId[]> {
  const rows = await db.rows<{ order_id: OrderId }>(
    `select v.order_id from orders o join orders v on v.municipality_code = $1 and v.source_system = o.source_system
       and v.order_key = o.order_key where o.municipality_code = $1 and o.order_id = $2 order by 1`,
    [municipality, order],
  )
  return rows.map((row) => row.order_id)
}

export interface DueOrder {
  readonly order: OrderId
  readonly person: PartyId
  readonly dispositionDate: Day
  /** Something of it may have been calculated before: a later version, or this one again. */
  readonly later: boolean
  /** It is to be paid on another day than it says: at once, or with the next ordinary run. */
  readonly otherwise: boolean
}

/** Of an order `o`: every hold of it is released. */
export const NOT_HELD = `not exists (select from order_holds h where h.municipality_code = o.municipality_code
  and h.order_id = o.order_id and not exists (select from order_hold_releases r
    where r.municipality_code = h.municipality_code and r.order_id = h.order_id and r.hold_no = h.hold_no))`

/** Of an order `o` that has ended: an earlier version was calculated. */
const ENDS_WHAT_WAS_CALCULATED = `exists (select from orders e join calculations c
    on c.municipality_code = e.municipality_code and c.order_id = e.order_id
  where e.municipality_code = o.municipality_code and e.source_system = o.source_system
    and e.order_key = o.order_key and (e.version, e.again) < (o.version, o.again))`

/** Of an order `o`: it is to be calculated when its day comes. */
export const IS_DUE = `(o.state = 0 or (o.state = 1 and ${ENDS_WHAT_WAS_CALCULATED}))
  and not exists (select from calculations c where c.municipality_code = o.municipality_code
    and c.order_id = o.order_id)
  and ${NOT_HELD}`

/**
 * Orders to calculate: newest, active, not held, not calculated, due before `horizon`; sorted by person, date, system
 * and key, never by arrival.
 */
export async function readDueOrders(db: Db, municipality: Municipality, horizon: Day): Promise<DueOrder[]> {
  const rows = rowReader(
    await db.copyOut(`select o.order_id, o.beneficiary, o.disposition_date, o.version + o.again > 1,
        o.settle <> ${SETTLES.indexOf('on_disposition_date')} from orders o
      left join calculations c on c.municipality_code = o.municipality_code and c.order_id = o.order_id
      where o.municipality_code = ${municipality} and o.disposition_date < '${formatDay(horizon)}'
        and (o.state = 0 or (o.state = 1 and ${ENDS_WHAT_WAS_CALCULATED}))
        and c.order_id is null
        and ${NOT_HELD}
      order by o.beneficiary, o.disposition_date, o.source_system, o.order_key`),
  )
  const due: DueOrder[] = []
  while (rows.next()) {
    due.push({
      order: rows.i64(),
      person: rows.i64(),
      dispositionDate: rows.date(),
      later: rows.bool(),
      otherwise: rows.bool(),
    })
  }
  return due
}

/**
 * Of what `readDueOrders` would give that of persons, by what is theirs by right, and `also`, held or not. Sorted as
 * there.
 */
export async function readDueOrdersOf(
  db: Db,
  municipality: Municipality,
  persons: readonly PartyId[],
  horizon: Day,
  also: OrderId,
): Promise<DueOrder[]> {
  return await db.rows<DueOrder>(
    `with own as materialized (
       select k.source_system, k.order_key from unnest($2::bigint[]) as p (person)
       cross join lateral (
         select l.order_id from order_lines l where l.municipality_code = $1 and l.right_holder = p.person and l.kind = 0
         union select l.order_id from order_lines l where l.municipality_code = $1 and l.right_holder = p.person
           and l.kind = 3) l
       join orders k on k.municipality_code = $1 and k.order_id = l.order_id
       union select k.source_system, k.order_key from orders k where k.municipality_code = $1 and k.order_id = $4)
     select o.order_id as order, o.beneficiary as person, o.disposition_date as "dispositionDate",
       o.version + o.again > 1 as later, o.settle <> ${SETTLES.indexOf('on_disposition_date')} as otherwise
     from own join orders o on o.municipality_code = $1 and o.source_system = own.source_system
       and o.order_key = own.order_key
     where o.beneficiary = any ($2) and (o.order_id = $4 or (o.disposition_date < $3 and ${IS_DUE}))
     order by o.beneficiary, o.disposition_date, o.source_system, o.order_key`,
    [municipality, persons, formatDay(horizon), also],
  )
}

/** As they are planned. */
export async function inOrderOfPlan(
  db: Db,
  municipality: Municipality,
  orders: readonly OrderId[],
): Promise<OrderId[]> {
  const rows = await db.rows<{ order_id: OrderId }>(
    `select o.order_id from orders o where o.municipality_code = $1 and o.order_id = any ($2)
     order by o.beneficiary, o.disposition_date, o.source_system, o.order_key`,
    [municipality, orders],
  )
  return rows.map((row) => row.order_id)
}

export async function orderKeysOf(
  db: Db,
  municipality: Municipality,
  orders: readonly OrderId[],
): Promise<Map<OrderId, string>> {
  if (orders.length === 0) return new Map()
  const rows = await db.rows<{ order_id: OrderId; order_key: string }>(
    'select order_id, order_key from orders where municipality_code = $1 and order_id = any ($2)',
    [municipality, orders],
  )
  return new Map(rows.map((row) => [row.order_id, row.order_key]))
}

/** A version, and the caller's number of it. */
interface VersionName {
  readonly i: number
  readonly source: number
  readonly orderKey: string
  readonly version: number
}

/** Of these versions those that are stored, by their `i`. */
export async function storedVersions(
  db: Db,
  municipality: Municipality,
  versions: readonly VersionName[],
): Promise<number[]> {
  const rows = await db.rows<{ i: number }>(
    `select v.i from jsonb_to_recordset($2::jsonb) as v (i int, source smallint, "orderKey" text, version int)
     join orders o on o.municipality_code = $1 and o.source_system = v.source and o.order_key = v."orderKey"
       and o.version = v.version`,
    [municipality, JSON.stringify(versions)],
  )
  return rows.map((row) => row.i)
}

/** A benefit line of one order: what it wants of a payable item. */
export interface BenefitWanted {
  readonly line: number
  readonly lineKey: string
  readonly rightHolder: PartyId
  readonly benefit: number
  readonly component: string
  readonly from: Day
  readonly to: Day
  readonly gross: Ore
}

export async function readBenefitLines(
  db: Db,
  municipality: Municipality,
  order: OrderId,
): Promise<readonly BenefitWanted[]> {
  return await db.rows<BenefitWanted>(
    `select line_no as line, line_key as "lineKey", right_holder as "rightHolder", benefit, component,
       period_from as from, period_to as to, amount_ore as gross
     from order_lines where municipality_code = $1 and order_id = $2 and kind = 0 order by line_no`,
    [municipality, order],
  )
}
