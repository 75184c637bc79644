/** Which parties may be paid nothing until a person has looked at them, or their register has taken it back. */
import type { Db } from '../../base/db.ts'
import type { Day } from '../../base/date.ts'
import type { Municipality, PartyId } from '../../base/id.ts'
import { PARTY_EVENT_KINDS, STOPPING_EVENTS, type StoppingEvent } from './party.ts'

export interface PartyStopped {
  readonly party: PartyId
  readonly event: StoppingEvent
  readonly date: Day
}

/** As they are stored, for a list in SQL. */
export const STOPPING_CODES = STOPPING_EVENTS.map((event) => PARTY_EVENT_KINDS.indexOf(event)).join(', ')

/** As it is stored. */
export const RESTORED = PARTY_EVENT_KINDS.indexOf('restored')

/** Event `e` (of party_events) has not been taken back since it was told. */
export const IN_FORCE = `not exists (select from party_events back where back.municipality_code = e.municipality_code
  and back.party_id = e.party_id and back.event = ${RESTORED} and back.intake_no > e.intake_no)`

/** Those in force: of an intake, or of every one. Few: deaths of a month, not citizens. */
export async function stoppingEvents(db: Db, municipality: Municipality, intakeNo?: number): Promise<PartyStopped[]> {
  const rows = await db.rows<{ party: PartyId; event: number; date: Day }>(
    `select e.party_id as party, e.event, e.date from party_events e
     where e.municipality_code = $1 and e.event in (${STOPPING_CODES}) and e.intake_no = coalesce($2, e.intake_no)
       and ${IN_FORCE}
     order by e.party_id, e.date, e.event`,
    [municipality, intakeNo ?? null],
  )
  return rows.map(({ event, ...row }) => ({ ...row, event: PARTY_EVENT_KINDS[event] as StoppingEvent }))
}
