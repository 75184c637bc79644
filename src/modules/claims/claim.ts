/**
 * What citizens and companies owe. An opening claim comes with a takeover; others by decision in an order. @da
 * fordring
 */
import { rowWriter } from '../../base/copy.ts'
import type { Db, Tx } from '../../base/db.ts'
import type { Day, Period } from '../../base/date.ts'
import type { ItemId, Municipality, OrderId, PartyId } from '../../base/id.ts'
import type { Ore } from '../../base/money.ts'
import { PARTY_TYPES, type PartyRef } from '../parties/index.ts'

/** The cause of a claim for what an error of our own paid. */
export const TECHNICAL_ERROR = 'teknisk_fejl'

export interface NewClaim {
  readonly claimId: number
  readonly claimKey: string
  readonly sourceSystem: number
  readonly debtor: PartyId
  readonly benefit: number
  readonly period: Period
  readonly amount: Ore
  readonly dueDate: Day
  readonly cause: string
  /** 0 for an opening claim. */
  readonly order: OrderId
}

const COLUMNS = `municipality_code, claim_id, claim_key, source_system, debtor, benefit, period_from, period_to,
  amount_ore, due_date, cause, order_id`

/** Records new claims; the caller has seen that their keys are new. */
export async function recordClaims(tx: Tx, municipality: Municipality, claims: readonly NewClaim[]): Promise<void> {
  if (claims.length === 0) return
  const rows = rowWriter(1 << 12)
  for (const claim of claims) {
    rows.row(12)
    rows.i16(municipality)
    rows.i64(claim.claimId)
    rows.text(claim.claimKey)
    rows.i16(claim.sourceSystem)
    rows.i64(claim.debtor)
    rows.i16(claim.benefit)
    rows.date(claim.period.from)
    rows.date(claim.period.to)
    rows.i64(claim.amount)
    rows.date(claim.dueDate)
    rows.text(claim.cause)
    rows.i64(claim.order)
  }
  await tx.copyIn('claims', COLUMNS, rows)
}

/** Which of these keys are taken already. */
export async function knownClaimKeys(
  db: Db,
  municipality: Municipality,
  keys: readonly string[],
): Promise<Set<string>> {
  if (keys.length === 0) return new Set()
  const rows = await db.rows<{ claim_key: string }>(
    'select claim_key from claims where municipality_code = $1 and claim_key = any($2)',
    [municipality, keys],
  )
  return new Set(rows.map((row) => row.claim_key))
}

/** What is left of a claim `c`. */
export const LEFT = `(c.amount_ore - coalesce((select sum(m.amount_ore) from claim_movements m
  where m.municipality_code = c.municipality_code and m.claim_id = c.claim_id), 0))::bigint`

/**
 * How much of what is received next on a claim `c` is received before tax: what of it is claimed before tax (place 4)
 * and not yet received. What is claimed before tax is of an earlier year, so it is paid first.
 */
export const BEFORE_TAX_LEFT = `greatest(0, coalesce((select sum(case when m.to_place = 4 and m.to_ref = c.claim_id
      then m.gross_ore else 0 end - case when m.from_place = 4 and m.from_ref = c.claim_id then m.gross_ore else 0 end)
    from item_movements m where m.municipality_code = c.municipality_code and m.item_id in (select t.item_id
      from item_movements t where t.municipality_code = c.municipality_code and t.to_place = 4 and t.to_ref = c.claim_id)), 0)
  - coalesce((select sum(m.before_tax_ore) from claim_movements m where m.municipality_code = c.municipality_code
      and m.claim_id = c.claim_id), 0))::bigint`

export interface ClaimPosition {
  readonly claimId: number
  readonly claimKey: string
  readonly debtor: PartyId
  readonly sourceSystem: number
  readonly left: Ore
  /** What of it is received before tax, and told to the tax authority, when it is received. */
  readonly beforeTaxLeft: Ore
}

/** What remains of the claims of these debtors. */
export async function claimsOf(
  db: Db,
  municipality: Municipality,
  debtors: readonly PartyId[],
): Promise<ClaimPosition[]> {
  return await db.often.rows<ClaimPosition>(
    `select c.claim_id as "claimId", c.claim_key as "claimKey", c.debtor, c.source_system as "sourceSystem",
       ${LEFT} as left, ${BEFORE_TAX_LEFT} as "beforeTaxLeft"
     from claims c join unnest($2::bigint[]) as d (debtor) on d.debtor = c.debtor
     where c.municipality_code = $1 order by c.claim_id`,
    [municipality, debtors],
  )
}

export interface ClaimOwner {
  readonly claimKey: string
  readonly debtor: PartyRef
}

/** Whose claims these keys are; a key that is not known is left out. */
export async function claimOwners(
  db: Db,
  municipality: Municipality,
  keys: readonly string[],
): Promise<Map<string, ClaimOwner>> {
  if (keys.length === 0) return new Map()
  const rows = await db.often.rows<{ key: string; type: number; id: string }>(
    `select c.claim_key as key, p.type, p.identifier as id from claims c
     join parties p on p.municipality_code = $1 and p.party_id = c.debtor
     where c.municipality_code = $1 and c.claim_key = any ($2)`,
    [municipality, keys],
  )
  return new Map(
    rows.map(({ key, type, id }) => [key, { claimKey: key, debtor: { type: PARTY_TYPES[type] ?? 'cpr', id } }]),
  )
}

/** What remains of claims, by their ids. */
export async function claimsLeft(
  db: Db,
  municipality: Municipality,
  claims: readonly number[],
): Promise<Map<number, Ore>> {
  if (claims.length === 0) return new Map()
  const rows = await db.rows<{ claim_id: number; left: Ore }>(
    `select c.claim_id, ${LEFT} as left from claims c where c.municipality_code = $1 and c.claim_id = any ($2)`,
    [municipality, claims],
  )
  return new Map(rows.map((row) => [row.claim_id, row.left]))
}

/** What was claimed under a key before: the amount that the decision said, and whose order it was. */
export interface DecidedBefore {
  readonly amount: Ore
  readonly source: number
  /** '' of an opening claim. */
  readonly orderKey: string
  /** A later version of that order, calculated too, named it no more. */
  readonly withdrawn: boolean
}

/** Of these claim keys those that are taken. */
export async function decidedBefore(
  db: Db,
  municipality: Municipality,
  keys: readonly string[],
): Promise<Map<string, DecidedBefore>> {
  if (keys.length === 0) return new Map()
  const rows = await db.rows<DecidedBefore & { claim_key: string }>(
    `select c.claim_key, c.source_system as source, coalesce(o.order_key, '') as "orderKey",
       coalesce(l.amount_ore, c.amount_ore) as amount,
       exists (select from orders e where e.municipality_code = $1 and e.source_system = o.source_system
         and e.order_key = o.order_key and e.version > o.version
         and exists (select from calculations k where k.municipality_code = $1 and k.order_id = e.order_id)
         and not exists (select from order_lines n where n.municipality_code = $1 and n.order_id = e.order_id
           and n.kind = 3 and n.claim_key = c.claim_key)) as withdrawn
     from claims c
     left join orders o on o.municipality_code = $1 and o.order_id = c.order_id
     left join order_lines l on l.municipality_code = $1 and l.order_id = c.order_id and l.kind = 3
       and l.claim_key = c.claim_key
     where c.municipality_code = $1 and c.claim_key = any ($2)`,
    [municipality, keys],
  )
  return new Map(rows.map(({ claim_key: key, ...decided }) => [key, decided]))
}

/** Taken off a claim: by a set-off, or because what it claims stands again. Negative: given back. */
export interface ClaimMovement {
  readonly claimId: number
  readonly item: ItemId
  readonly line: number
  readonly amount: Ore
  /** Of a set-off on a claim before tax: what was received so, and when. */
  readonly received?: { readonly beforeTax: Ore; readonly on: Day }
  /** Given back: the item whose set-off it was, of which as much is received no more. */
  readonly setOffOf?: ItemId
}

/** Movements by which a stop gives set-offs back to their claims are numbered from here, behind a calculation's. */
export const GIVEN_BACK_BY_STOP = 1_000

export async function recordClaimMovements(
  tx: Tx,
  municipality: Municipality,
  movements: readonly ClaimMovement[],
): Promise<void> {
  if (movements.length === 0) return
  const received = await receivedByGivenBack(tx, municipality, movements)
  const rows = rowWriter(1 << 12)
  for (const movement of movements) {
    const { beforeTax, on } = movement.received ?? received.get(movement) ?? { beforeTax: 0, on: undefined }
    rows.row(7)
    rows.i16(municipality)
    rows.i64(movement.claimId)
    rows.i64(movement.item)
    rows.i16(movement.line)
    rows.i64(movement.amount)
    rows.i64(beforeTax)
    if (on === undefined) rows.nothing()
    else rows.date(on)
  }
  await tx.copyIn(
    'claim_movements',
    'municipality_code, claim_id, item_id, line_no, amount_ore, before_tax_ore, received_on',
    rows,
  )
}

/** What was received before tax by the set-offs that are given back: as much less, of the same day. */
async function receivedByGivenBack(
  tx: Tx,
  municipality: Municipality,
  movements: readonly ClaimMovement[],
): Promise<Map<ClaimMovement, NonNullable<ClaimMovement['received']>>> {
  const found = new Map<ClaimMovement, NonNullable<ClaimMovement['received']>>()
  const given = movements.filter((one) => one.setOffOf !== undefined)
  if (given.length === 0) return found
  const rows = await tx.rows<{ claim: number; item: ItemId; ore: number; on: Day }>(
    `select claim_id as claim, item_id as item, sum(before_tax_ore)::bigint as ore, received_on as on from claim_movements
     where municipality_code = $1 and before_tax_ore > 0 and item_id = any ($2) group by 1, 2, 4`,
    [municipality, given.flatMap((one) => one.setOffOf ?? [])],
  )
  const left = new Map(rows.map((row) => [`${row.claim}:${row.item}`, { ...row }]))
  for (const one of given) {
    const row = left.get(`${one.claimId}:${one.setOffOf}`)
    if (row === undefined || row.ore === 0) continue
    const ore = Math.min(row.ore, -one.amount)
    row.ore -= ore
    found.set(one, { beforeTax: -ore as Ore, on: row.on })
  }
  return found
}
