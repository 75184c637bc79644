/**
 * What a batch of work saw when it was calculated, kept with its totals. Intakes of a municipality take turns and are
 * numbered in that order, so whatever a batch could see of its persons came by the last intake of which it saw a card,
 * and whatever it could not, later. What corrects earlier items is numbered when it is done: after the batch may have
 * been planned, and before it was calculated.
 */
import type { Tx } from '../../base/db.ts'
import type { Municipality } from '../../base/id.ts'
import type { TaxCard } from '../../modules/parties/index.ts'
import { FACT_SYSTEM_ID } from './import-file.ts'

export interface Seen {
  /** The last intake that told one of the cards; 0 when there was none. */
  readonly intake: number
  /** The last number of work. */
  readonly work: number
}

export function lastIntakeOf(cards: Iterable<readonly TaxCard[]>): number {
  let last = 0
  for (const own of cards) for (const { intakeNo = 0 } of own) if (intakeNo > last) last = intakeNo
  return last
}

/** By number of work. A batch of before this was kept saw what was known at its time, and what its number follows. */
export async function readSeen(tx: Tx, municipality: Municipality): Promise<(workNo: number) => Seen> {
  const rows = await tx.rows<Seen & { work_no: number }>(
    `with facts as materialized (select intake_no, known_at from intakes
       where municipality_code = $1 and source_system = ${FACT_SYSTEM_ID})
     select w.work_no, coalesce((d.totals->'seen'->>'work')::int, w.work_no) as work,
       coalesce((d.totals->'seen'->>'intake')::int,
         (select max(f.intake_no) from facts f where f.known_at <= w.known_at), 0) as intake
     from work_batches w join work_done d on d.municipality_code = $1 and d.work_no = w.work_no
     where w.municipality_code = $1 and w.kind = 'calculate'`,
    [municipality],
  )
  const seen = new Map(rows.map(({ work_no, ...one }) => [work_no, one]))
  return (workNo) => seen.get(workNo) ?? { intake: 0, work: workNo }
}

/** Of all cards that are known now, those that came by an intake. */
export function cardsBy(intake: number, cards: readonly TaxCard[]): readonly TaxCard[] {
  const isSeen = ({ intakeNo = 0 }: TaxCard) => intakeNo <= intake
  return cards.every(isSeen) ? cards : cards.filter(isSeen)
}
