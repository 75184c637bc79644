/** Which parties may be paid nothing until a person has looked at them. */
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
export const stoppingCodes = STOPPING_EVENTS.map((event) => PARTY_EVENT_KINDS.indexOf(event)).join(', ')

/** Those that an intake told; of every intake when none is named. Few: deaths of a month, not citizens. */
export async function stoppingEvents(db: Db, municipality: Municipality, intakeNo?: number): Promise<PartyStopped[]> {
  const rows = await db.rows<{ party: PartyId; event: number; date: Day }>(
    `select party_id as party, event, date from party_events
     where municipality_code = $1 and event in (${stoppingCodes}) and intake_no = coalesce($2, intake_no)
     order by party_id, date, event`,
    [municipality, intakeNo ?? null],
  )
  return rows.map(({ event, ...row }) => ({ ...row, event: PARTY_EVENT_KINDS[event] as StoppingEvent }))
}
