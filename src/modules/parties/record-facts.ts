/** Tax cards and party events, as the outside told them. Appended: a later card of the same SE is a new number. */
import { rowWriter } from '../../base/copy.ts'
import type { Tx } from '../../base/db.ts'
import type { Day } from '../../base/date.ts'
import type { Municipality, PartyId } from '../../base/id.ts'
import { CARD_KINDS, type FactRecord, PARTY_EVENT_KINDS } from './party.ts'
import type { PartyBook } from './party-book.ts'
import { IN_FORCE, RESTORED, STOPPING_CODES } from './stopping-events.ts'

const CARD_COLUMNS = `municipality_code, party_id, se, card_no, kind, rate_millionths, allowance_month_ore,
  allowance_week_ore, allowance_day_ore, frikort_left_ore, valid_from, valid_to, intake_no, serial`

export interface FactWriter {
  add(fact: FactRecord): void
  flush(tx: Tx): Promise<void>
}

/** Claims are the claims module's: this writer takes the other facts. */
export async function openFactWriter(
  tx: Tx,
  municipality: Municipality,
  intakeNo: number,
  parties: PartyBook,
): Promise<FactWriter> {
  const cards = rowWriter()
  const cardNo = new Map<string, number>()
  const known = await tx.rows<{ party_id: number; se: number; card_no: number }>(
    'select party_id, se, max(card_no)::int as card_no from tax_cards where municipality_code = $1 group by 1, 2',
    [municipality],
  )
  for (const row of known) cardNo.set(`${row.party_id}:${row.se}`, row.card_no)
  const events = new Map<PartyId, Told[]>()
  const isTold = await toldFrikorts(tx, municipality)

  function addCard(fact: FactRecord & { record: 'tax_card' }): void {
    const party = parties.id(fact.person)
    const key = `${party}:${fact.se}`
    if (fact.kind === 'frikort' && isTold(party, fact)) return
    const number = (cardNo.get(key) ?? 0) + 1
    cardNo.set(key, number)
    cards.row(14)
    cards.i16(municipality)
    cards.i64(party)
    cards.i32(fact.se)
    cards.i16(number)
    cards.i16(CARD_KINDS.indexOf(fact.kind))
    cards.i32(fact.rate)
    cards.i64(fact.allowanceMonth)
    cards.i64(fact.allowanceWeek)
    cards.i64(fact.allowanceDay)
    cards.i64(fact.frikortLeft)
    cards.date(fact.valid.from)
    cards.date(fact.valid.to)
    cards.i32(intakeNo)
    cards.i64(fact.serial)
  }
  /** Within a file the last that is said of a party counts. */
  function addEvent(fact: FactRecord & { record: 'party_event' }): void {
    const event = PARTY_EVENT_KINDS.indexOf(fact.event)
    // Of a party never seen there is nothing to take back.
    const party = event === RESTORED ? parties.known(fact.party) : parties.id(fact.party)
    if (party === undefined) return
    const own = events.get(party) ?? []
    const kept = event === RESTORED ? own.filter((one) => !STOPPING.has(one.event)) : withoutRestored(own, event)
    events.set(party, [
      ...kept.filter((one) => one.event !== event || one.date !== fact.date),
      { event, date: fact.date },
    ])
  }
  return {
    add(fact) {
      if (fact.record === 'tax_card') addCard(fact)
      else if (fact.record === 'party_event') addEvent(fact)
    },
    async flush(tx) {
      if (cards.rows > 0) await tx.copyIn('tax_cards', CARD_COLUMNS, cards)
      if (events.size > 0) await recordEvents(tx, municipality, intakeNo, events)
    },
  }
}

interface Told {
  readonly event: number
  readonly date: Day
}

const STOPPING: ReadonlySet<number> = new Set(STOPPING_CODES.split(', ').map(Number))

function withoutRestored(own: readonly Told[], event: number): readonly Told[] {
  return STOPPING.has(event) ? own.filter((one) => one.event !== RESTORED) : own
}

/** What is in force is not told again; what is taken back must be in force. */
async function recordEvents(
  tx: Tx,
  municipality: Municipality,
  intakeNo: number,
  events: ReadonlyMap<PartyId, readonly Told[]>,
): Promise<void> {
  const rows = rowWriter(1 << 12)
  for (const [party, told] of events) {
    for (const { event, date } of told) {
      rows.row(5)
      rows.i16(municipality)
      rows.i64(party)
      rows.i16(event)
      rows.date(date)
      rows.i32(intakeNo)
    }
  }
  await tx.run('create temporary table if not exists told_events (like party_events) on commit delete rows')
  await tx.copyIn('told_events', 'municipality_code, party_id, event, date, intake_no', rows)
  const same = 'e.municipality_code = t.municipality_code and e.party_id = t.party_id'
  await tx.run(
    `insert into party_events select t.* from told_events t where case when t.event = ${RESTORED}
       then exists (select from party_events e where ${same} and e.event in (${STOPPING_CODES}) and ${IN_FORCE})
       else not exists (select from party_events e where ${same} and e.event = t.event and e.date = t.date
         and ${IN_FORCE}) end`,
  )
  await tx.run('truncate told_events')
}

/** A frikort that is told twice is one card: its balance is not given again. Remembers what it is asked. */
async function toldFrikorts(
  tx: Tx,
  municipality: Municipality,
): Promise<(party: PartyId, card: FactRecord & { record: 'tax_card' }) => boolean> {
  const rows = await tx.rows<{ key: string }>(
    `select concat_ws(':', party_id, se, serial, valid_from - '1970-01-01'::date, valid_to - '1970-01-01'::date,
       frikort_left_ore) as key
     from tax_cards where municipality_code = $1 and kind = ${CARD_KINDS.indexOf('frikort')}`,
    [municipality],
  )
  const keys = new Set(rows.map((row) => row.key))
  return (party, { se, serial, valid, frikortLeft }) => {
    const key = [party, se, serial, valid.from, valid.to, frikortLeft].join(':')
    return keys.size === keys.add(key).size
  }
}
