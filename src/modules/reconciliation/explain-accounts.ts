/** The open items of each clearing account, summed from the tables of the items themselves. Credits are negative. */
import type { Db, Questions } from '../../base/db.ts'
import type { Day } from '../../base/date.ts'
import type { Municipality } from '../../base/id.ts'
import {
  CAME_BACK,
  CLAIMS_LEFT,
  DUE_BESIDE,
  dueItems,
  type ItemSource,
  OVERPAID_ITEMS,
  PAID_ELSEWHERE,
  RECEIVED_ON_CLAIMS,
  SURPLUS,
  UNCLAIMED,
  UNMATCHED,
  WAITING_BESIDE,
  WITHHELD_ITEMS,
  WITHHELD_PURPOSES,
  type WithheldPurpose,
} from './open-item-sources.ts'
import type { Explained } from './reconcile.ts'
import type { PaymentTotals } from './totals.ts'

type ByAccount = Map<string, Explained>

interface Sum {
  readonly m: Municipality
  /** '' of an account for all systems. */
  readonly system: string
  readonly ore: number
  readonly items: number
}

export async function readExplanations(
  db: Db,
  municipalities: readonly Municipality[],
  payments: ReadonlyMap<Municipality, PaymentTotals>,
): Promise<Map<Municipality, ByAccount>> {
  const explained = new Map<Municipality, ByAccount>(municipalities.map((one) => [one, new Map()]))
  const add = (purpose: string, sums: readonly Sum[]): void => {
    for (const { m, system, ore, items } of sums) {
      const own = explained.get(m)
      const key = system === '' ? purpose : `${purpose}:${system}`
      const so = own?.get(key) ?? { ore: 0, items: 0 }
      own?.set(key, { ore: so.ore + ore, items: so.items + items })
    }
  }
  // Bundle by bundle: of a million payments on the rail each is a row of the list (ON_THE_RAIL), and none is read here.
  for (const [m, paid] of payments) add('rail', [{ m, system: '', ore: 0 - paid.rail_ore, items: paid.rail_items }])
  add('returned', await sumOf(db.often, CAME_BACK, municipalities))
  add('net_payable', await sumOf(db.often, dueItems(await hasPayDays(db, municipalities)), municipalities))
  const beside = await waitingBeside(db, municipalities)
  if (beside.length > 0) add('net_payable', await sumOf(db, DUE_BESIDE, municipalities, runsOf(beside)))
  for (const { m, system, ...sums } of await readWithheld(db, municipalities)) {
    for (const purpose of WITHHELD_PURPOSES) {
      add(purpose, [{ m, system, ore: 0 - sums[purpose], items: sums[purpose] === 0 ? 0 : 1 }])
    }
  }
  add('claims', await sumOf(db.often, CLAIMS_LEFT, municipalities))
  add('debtor_system', await sumOf(db.often, RECEIVED_ON_CLAIMS, municipalities))
  const paidOn = await db.first('select 1 from claim_payments where municipality_code = any ($1) limit 1', [
    municipalities,
  ])
  if (paidOn !== undefined) add('claim_surplus', await sumOf(db, SURPLUS, municipalities))
  add('overpaid', await sumOf(db.often, OVERPAID_ITEMS, municipalities))
  add('unmatched', await sumOf(db.often, UNMATCHED, municipalities))
  add('paid_outside', await sumOf(db, PAID_ELSEWHERE, municipalities))
  add('unclaimed', await sumOf(db, UNCLAIMED, municipalities))
  return explained
}

async function sumOf(
  db: Questions,
  { first, rows }: ItemSource,
  municipalities: readonly Municipality[],
  more: readonly (readonly number[])[] = [],
): Promise<Sum[]> {
  return await db.rows<Sum>(
    `${first === '' ? '' : `with ${first}`}
     select i.m, i.system, sum(i.ore)::bigint as ore, count(*) as items from (${rows}) i where i.ore <> 0 group by 1, 2`,
    [municipalities, ...more],
  )
}

/** Whether some orders are paid at days of their own. */
export async function hasPayDays(db: Db, municipalities: readonly Municipality[]): Promise<boolean> {
  const any = await db.first('select 1 from pay_days where municipality_code = any ($1) limit 1', [municipalities])
  return any !== undefined
}

export interface WaitingRun {
  readonly m: Municipality
  readonly run: number
}

export async function waitingBeside(db: Db, municipalities: readonly Municipality[]): Promise<WaitingRun[]> {
  return await db.often.rows<WaitingRun>(WAITING_BESIDE, [municipalities])
}

/** As `DUE_BESIDE` asks. */
export function runsOf(runs: readonly WaitingRun[]): readonly (readonly number[])[] {
  return [runs.map((one) => one.m), runs.map((one) => one.run)]
}

export interface Withheld extends Readonly<Record<WithheldPurpose, number>> {
  readonly m: Municipality
  readonly system: string
  readonly se: number
  /** The settlement period: the first day of the month of disposition. */
  readonly month: Day
}

export async function readWithheld(db: Db, municipalities: readonly Municipality[]): Promise<Withheld[]> {
  return await db.often.rows<Withheld>(WITHHELD_ITEMS, [municipalities])
}
