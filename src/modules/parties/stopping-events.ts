/** Which parties may be paid nothing until a person has looked at them, or their register has taken it back. */
import type { Db } from '../../base/db.ts'
import type { Day } from '../../base/date.ts'
import type { Municipality, PartyId } from '../../base/id.ts'
import { PARTY_EVENT_KINDS, STOPPING_EVENTS, type StoppingEvent } from './party.ts'

export interface PartyStopped {
  readonly party: PartyId
  readonly event: StoppingEvent
  readonly date: Day
  /** The intake that told it. */
  readonly intakeNo: number
}

/** As they are stored, for a list in SQL. */
export const STOPPING_CODES = STOPPING_EVENTS.map((event) => PARTY_EVENT_KINDS.indexOf(event)).join(', ')

/** As it is stored. */
export const RESTORED = PARTY_EVENT_KINDS.indexOf('restored')

/** Event `e` (of party_events) has not been taken back since it was told. */
export const IN_FORCE = `not exists (select from party_events back where back.municipality_code = e.municipality_code
  and back.party_id = e.party_id and back.event = ${RESTORED} and back.intake_no > e.intake_no)`

/** Parties of whom an intake takes something back. */
export async function restoredParties(db: Db, municipality: Municipality, intakeNo: number): Promise<PartyId[]> {
  const rows = await db.rows<{ party_id: PartyId }>(
    `select party_id from party_events where municipality_code = $1 and intake_no = $2 and event = ${RESTORED} order by 1`,
    [municipality, intakeNo],
  )
  return rows.map((row) => row.party_id)
}

/** Those in force: of an intake, or of every one. Few: deaths of a month, not citizens. */
export async function stoppingEvents(db: Db, municipality: Municipality, intakeNo?: number): Promise<PartyStopped[]> {
  const rows = await db.often.rows<Omit<PartyStopped, 'event'> & { event: number }>(
    `select e.party_id as party, e.event, e.date, e.intake_no as "intakeNo" from party_events e
     where e.municipality_code = $1 and e.event in (${STOPPING_CODES}) and e.intake_no = coalesce($2, e.intake_no)
       and ${IN_FORCE}
     order by e.party_id, e.date, e.event`,
    [municipality, intakeNo ?? null],
  )
  return rows.map(({ event, ...row }) => ({ ...row, event: PARTY_EVENT_KINDS[event] as StoppingEvent }))
}
