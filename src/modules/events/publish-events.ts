/** Numbers the facts that the source systems have not been told of. */
import type { Tx } from '../../base/db.ts'
import type { Municipality } from '../../base/id.ts'
import { FOUND } from './found.ts'
import { EVENT_KINDS, type EventKind } from './kinds.ts'

const LOCK = 7031205

/** A fact that has no events yet. */
export interface Untold {
  readonly kind: EventKind
  readonly municipality_code: number
  readonly source_system: number
  readonly ref: string
  readonly events: number
  readonly known_at: string
  readonly stage: number
}

/**
 * Finds facts without an event batch and numbers them contiguously per source system: by stage of the line, then
 * municipality, then number. Any number of times; what was numbered keeps its numbers. One numberer at a time.
 * The connection must see every municipality (the loader's): else numbers would be given twice.
 * `kinds` narrows it to what a single command can have caused. `find`: asks on connections of its own, beside each
 * other; nobody else numbers meanwhile. Gives how many events were numbered.
 */
export async function publishEvents(
  tx: Tx,
  municipalities: readonly Municipality[],
  kinds: readonly EventKind[] = EVENT_KINDS,
  find = () => findUntold(tx, municipalities, kinds),
): Promise<number> {
  if (municipalities.length === 0) return 0
  await tx.run('select pg_advisory_xact_lock($1)', [LOCK])
  const found = await find()
  if (found.length === 0) return 0
  await tx.run(
    `with found as (
       select * from jsonb_to_recordset($1::jsonb) as f (kind text, municipality_code smallint, source_system smallint,
         ref bigint, events int, known_at timestamptz, stage smallint)),
     base as (
       select s.source_system, coalesce((select e.first_no + e.events from event_batches e
         where e.source_system = s.source_system order by e.first_no desc limit 1), 1) as next
       from (select distinct source_system from found) s)
     insert into event_batches (municipality_code, source_system, first_no, events, kind, ref, known_at)
     select f.municipality_code, f.source_system, b.next + sum(f.events) over (partition by f.source_system
         order by f.stage, f.municipality_code, f.ref rows unbounded preceding) - f.events,
       f.events, f.kind, f.ref, f.known_at
     from found f join base b on b.source_system = f.source_system`,
    [JSON.stringify(found)],
  )
  return found.reduce((sum, row) => sum + row.events, 0)
}

/** Facts of these municipalities without an event batch. */
export async function findUntold(
  tx: Tx,
  municipalities: readonly Municipality[],
  kinds: readonly EventKind[] = EVENT_KINDS,
): Promise<Untold[]> {
  const found: Untold[] = []
  for (const one of FOUND) {
    if (!one.kinds.some((kind) => kinds.includes(kind))) continue
    const rows = await tx.often.rows<Omit<Untold, 'stage'>>(
      `select q.kind, q.municipality_code, q.source_system, q.ref::text as ref, q.events, q.known_at from (${one.sql}) q`,
      [municipalities],
    )
    const after = one.after === undefined ? 0 : 1
    for (const row of rows) found.push({ ...row, stage: EVENT_KINDS.indexOf(one.after ?? row.kind) * 2 + after })
  }
  return found
}
