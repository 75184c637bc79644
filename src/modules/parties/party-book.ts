/** Turns the outside's identifiers into opaque party numbers, while files come in. The only place that writes a CPR. */
import { type RowWriter, rowReader, rowWriter } from '../../base/copy.ts'
import type { Db, Tx } from '../../base/db.ts'
import { type Municipality, numbered, type PartyId } from '../../base/id.ts'
import { PARTY_TYPES, type PartyRef, type PartyType } from './party.ts'

export interface PartyBook {
  /** The number of a party; a new one is given to a party never seen. */
  id(ref: PartyRef): PartyId
  citizen(cpr: string): PartyId
  /** Undefined for a party never seen. */
  known(ref: PartyRef): PartyId | undefined
  /** Copies the new parties since last time. */
  flush(tx: Tx): Promise<void>
  /** All that it knows, for the next intake of the municipality; true when this one has been committed. */
  remember(): KnownParties
}

/** The parties of a municipality as of all intakes before `next`. */
export interface KnownParties {
  readonly municipality: Municipality
  readonly numbers: Map<string, PartyId>
  readonly next: number
}

const COLUMNS = 'municipality_code, party_id, type, identifier'

/**
 * Reads the municipality's parties; new ones are numbered within the intake at hand. `only` are the identifiers that a
 * single order names: then nothing else is read, and nothing else may be asked for. Of what is `remembered` from the
 * intake before only the rest is read; it is used up by that, for an intake that fails must leave nothing behind.
 */
export async function openPartyBook(
  tx: Tx,
  municipality: Municipality,
  intakeNo: number,
  only?: readonly string[],
  remembered?: KnownParties,
): Promise<PartyBook> {
  const before = remembered?.municipality === municipality ? remembered : undefined
  const known = before?.numbers ?? new Map<string, PartyId>()
  if (only !== undefined) {
    const rows = await tx.rows<{ party_id: number; type: number; identifier: string }>(
      'select party_id, type, identifier from parties where municipality_code = $1 and identifier = any($2)',
      [municipality, only],
    )
    for (const row of rows) known.set(keyOf(row.type, row.identifier), row.party_id)
    return bookOf(municipality, intakeNo, known)
  }
  const rows = rowReader(
    await tx.copyOut(`select party_id, type, identifier from parties
      where municipality_code = ${municipality} and party_id >= ${numbered(before?.next ?? 0, 0)}`),
  )
  while (rows.next()) {
    const id = rows.i64()
    const type = rows.i16()
    known.set(keyOf(type, rows.text()), id)
  }
  return bookOf(municipality, intakeNo, known)
}

function bookOf(municipality: Municipality, intakeNo: number, known: Map<string, PartyId>): PartyBook {
  const added: RowWriter = rowWriter()
  let number = 0

  function idOf(type: number, identifier: string): PartyId {
    const key = keyOf(type, identifier)
    const found = known.get(key)
    if (found !== undefined) return found
    const id = numbered(intakeNo, number++)
    known.set(key, id)
    added.row(4)
    added.i16(municipality)
    added.i64(id)
    added.i16(type)
    added.text(identifier)
    return id
  }
  return {
    id: (ref) => idOf(PARTY_TYPES.indexOf(ref.type), ref.id),
    citizen: (cpr) => idOf(0, cpr),
    known: (ref) => known.get(keyOf(PARTY_TYPES.indexOf(ref.type), ref.id)),
    async flush(tx) {
      if (added.rows > 0) await tx.copyIn('parties', COLUMNS, added)
    },
    remember: () => ({ municipality, numbers: known, next: intakeNo + 1 }),
  }
}

// Citizens are by far the most: their key is the bare number.
function keyOf(type: number, identifier: string): string {
  return type === 0 ? identifier : `${type}:${identifier}`
}

/** Who these numbers are, for those who tell the outside. */
export async function readParties(
  db: Db,
  municipality: Municipality,
  only: ReadonlySet<PartyId>,
): Promise<Map<PartyId, PartyRef>> {
  const parties = new Map<PartyId, PartyRef>()
  const ids = [...only].sort((a, b) => a - b).join(',')
  const rows = rowReader(
    await db.copyOut(`select party_id, type, identifier from parties where municipality_code = ${municipality}
      and party_id = any ('{${ids}}'::bigint[])`),
  )
  while (rows.next()) {
    const id = rows.i64()
    const type = PARTY_TYPES[rows.i16()] as PartyType
    parties.set(id, { type, id: rows.text() })
  }
  return parties
}
