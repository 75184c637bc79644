/**
 * Kill switches: while one is on, nothing of its source system is released in the municipality: its lines are taken out
 * of every run that is not, as any line that is held. What is released is finished. One person puts it on, two take it
 * off. @da nødstop
 */
import type { Db, Tx } from '../../base/db.ts'
import type { Municipality, PaymentId } from '../../base/id.ts'
import { Refusal } from '../../base/refusal.ts'
import type { PartOfItem } from './hold-parts.ts'
import { NOT_STOPPED } from './stopped.ts'

export interface KillSwitch {
  readonly switchNo: number
  readonly source: number
  readonly at: string
  readonly by: string
  readonly reason: string
  /** Who wants it off: with the second it is. */
  readonly lifts: readonly { readonly by: string; readonly reason: string }[]
}

export interface SwitchAct {
  readonly at: string
  readonly by: string
  readonly reason: string
}

/** Those that are on. */
export async function openSwitches(db: Db, municipality: Municipality): Promise<KillSwitch[]> {
  return await db.often.rows<KillSwitch>(
    `select k.switch_no as "switchNo", k.source_system as source, k.at::text as at, k.by_actor as by, k.reason,
       (select coalesce(json_agg(json_build_object('by', l.by_actor, 'reason', l.reason) order by l.nth), '[]')
         from kill_switch_lifts l where l.municipality_code = $1 and l.switch_no = k.switch_no) as lifts
     from kill_switches k
     where k.municipality_code = $1 and not exists (select from kill_switch_lifts l where l.municipality_code = $1
       and l.switch_no = k.switch_no and l.nth = 2)
     order by k.switch_no`,
    [municipality],
  )
}

/** Refuses with `switch_is_on` and with `reason_missing`. The municipality's turn is held. */
export async function switchOn(tx: Tx, municipality: Municipality, source: number, act: SwitchAct): Promise<number> {
  if (act.reason.trim() === '') throw new Refusal('reason_missing', 'Say why nothing may be paid.')
  if ((await openSwitches(tx, municipality)).some((one) => one.source === source)) {
    throw new Refusal('switch_is_on', 'The switch of this source system is on already.')
  }
  const last = await tx.first<{ no: number }>(
    'select coalesce(max(switch_no), 0) as no from kill_switches where municipality_code = $1',
    [municipality],
  )
  const no = (last?.no ?? 0) + 1
  const row = [municipality, no, source, act.at, act.by, act.reason]
  await tx.run('insert into kill_switches values ($1, $2, $3, $4, $5, $6)', row)
  return no
}

/**
 * One more person wants it off; gives the switch when it is off with that. Refuses `switch_is_off`, and with
 * `four_eyes` the same person twice.
 */
export async function switchOff(
  tx: Tx,
  municipality: Municipality,
  source: number,
  act: SwitchAct,
): Promise<KillSwitch | undefined> {
  if (act.reason.trim() === '') throw new Refusal('reason_missing', 'Say why it may be paid again.')
  const one = (await openSwitches(tx, municipality)).find((each) => each.source === source)
  if (one === undefined) throw new Refusal('switch_is_off', 'The switch of this source system is not on.')
  if (one.lifts.some((lift) => lift.by === act.by)) {
    throw new Refusal('four_eyes', `${act.by} has asked for it; another person must do it too.`)
  }
  const nth = one.lifts.length + 1
  const row = [municipality, one.switchNo, nth, act.at, act.by, act.reason]
  await tx.run('insert into kill_switch_lifts values ($1, $2, $3, $4, $5, $6)', row)
  return nth === 2 ? one : undefined
}

/** What runs that are not released pay of a source system, and nothing has stopped. */
export async function unreleasedParts(db: Db, municipality: Municipality, source: number): Promise<PartOfItem[]> {
  return await db.rows<PartOfItem>(
    `select x.item_id as item, x.part from payment_runs r
     -- offset 0: the index by ranges is asked once for a run, not once for each payment.
     cross join lateral (select x.* from payment_parts x where x.municipality_code = $1
       and x.payment_id >= r.run_no::bigint << 24 and x.payment_id < (r.run_no::bigint + 1) << 24 offset 0) x
     join payments p on p.municipality_code = $1 and p.payment_id = x.payment_id and p.source_system = $2
     where r.municipality_code = $1 and not exists (select from payment_run_steps s where s.municipality_code = $1
         and s.run_no = r.run_no and s.step = 'released')
       and ${NOT_STOPPED}
     order by 1, 2`,
    [municipality, source],
  )
}

export async function recordSwitchHold(
  tx: Tx,
  municipality: Municipality,
  workNo: number,
  switchNo: number,
): Promise<void> {
  await tx.run('insert into kill_switch_holds values ($1, $2, $3)', [municipality, workNo, switchNo])
}

/** Of these stopped parts those that a switch holds. */
export async function heldBySwitch(
  db: Db,
  municipality: Municipality,
  switchNo: number,
): Promise<readonly (PartOfItem & { readonly payment: PaymentId })[]> {
  return await db.rows(
    `select z.item_id as item, z.part, z.payment_id as payment from kill_switch_holds k
     join stopped_parts z on z.municipality_code = $1 and z.work_no = k.work_no
     where k.municipality_code = $1 and k.switch_no = $2 order by 1, 2`,
    [municipality, switchNo],
  )
}
