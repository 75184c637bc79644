/** Runs that did not reach their cut-off: what is left of them is paid on another day, as it was to be. */
import type { Db } from '../../base/db.ts'
import type { Municipality, PaymentId } from '../../base/id.ts'
import { acuteCutOff, cutOff, cutOffRule, type ExtraClosingDays, type LocalRules, railRow } from '../rates/index.ts'
import type { AssembledRun } from './gate.ts'
import { numberedPayments } from './gather.ts'
import type { PartOfItem } from './hold-parts.ts'
import { PART_AGAIN } from './part.ts'
import type { PaymentRun } from './payment-run.ts'
import { NOT_STOPPED } from './stopped.ts'

/**
 * The last instant at which the rail takes a run: what waits for no ordinary run goes on its own day, where the rail
 * can.
 */
export function cutOffOf(
  { rail, dispositionDate, purpose }: Pick<PaymentRun, 'rail' | 'dispositionDate' | 'purpose'>,
  rules: LocalRules,
  extra?: ExtraClosingDays,
): string {
  return (purpose === 'ordinary' ? cutOff : acuteCutOff)(rail, dispositionDate, rules, extra)
}

/** No public source says when the rail takes the run, and the municipality has not said it either. */
export function isCutOffAssumed(
  { rail, dispositionDate, purpose }: Pick<PaymentRun, 'rail' | 'dispositionDate' | 'purpose'>,
  rules: LocalRules,
): boolean {
  const { sameDayBefore, assumed } = railRow(rail)
  const onItsDay = purpose !== 'ordinary' && sameDayBefore !== ''
  return onItsDay ? assumed : cutOffRule(rail, dispositionDate, rules).assumed
}

/** Run `r` is released. */
export const IS_RUN_RELEASED = `exists (select from payment_run_steps s where s.municipality_code = r.municipality_code
  and s.run_no = r.run_no and s.step = 'released')`

/** What a run pays and nothing has stopped. */
export async function partsOfRun(
  db: Db,
  municipality: Municipality,
  runNo: number,
): Promise<(PartOfItem & { readonly payment: PaymentId })[]> {
  return await db.rows(
    `select x.item_id as item, x.part, x.payment_id as payment from payment_parts x
     where x.municipality_code = $1 and x.payment_id >= $2::bigint << 24 and x.payment_id < ($2::bigint + 1) << 24
       and ${NOT_STOPPED} order by 1, 2`,
    [municipality, runNo],
  )
}

/** A part by its name in `MovedParts`. */
export function partName({ item, part }: PartOfItem): string {
  return `${item}:${part}`
}

/** Parts that are due again because their run did not reach its cut-off: nobody has let go what was stopped. */
export type MovedParts = ReadonlySet<string>

/** Asked only where something is due again at all. */
export async function readMoved(
  db: Db,
  municipality: Municipality,
  runs: readonly AssembledRun[],
): Promise<MovedParts> {
  if (!runs.some(hasAgain)) return new Set()
  const rows = await db.rows<PartOfItem>(
    `select z.item_id as item, z.part + ${PART_AGAIN} as part from stopped_parts z
     where z.municipality_code = $1 and z.cause = 'cut_off'`,
    [municipality],
  )
  return new Set(rows.map(partName))
}

function hasAgain({ runNo, gathered }: AssembledRun): boolean {
  for (const { payment } of numberedPayments(runNo, gathered)) {
    if (payment.parts.some(({ part }) => part >= PART_AGAIN)) return true
  }
  return false
}
