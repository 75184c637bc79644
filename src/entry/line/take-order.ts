/** One order at the door: one intake in one transaction, by the same receiver, holds and faults as a file's orders. */
import { contentHash, fault } from '../../adapters/source-systems/index.ts'
import type { Tx } from '../../base/db.ts'
import type { Municipality } from '../../base/id.ts'
import type { Fault } from '../../base/refusal.ts'
import { recordAudit } from '../../modules/access/index.ts'
import { publishEvents } from '../../modules/events/index.ts'
import {
  countHeld,
  holdSuperseded,
  holdPossibleDuplicates,
  lockMunicipality,
  nextIntakeNo,
  type Order,
  openOrderReceiver,
  type ParsedOrder,
  recordFaults,
  recordIntake,
  SOURCE_SYSTEM_ID,
} from '../../modules/orders/index.ts'
import { openPartyBook } from '../../modules/parties/index.ts'
import { NEWEST_LAW, newestRates, type RateReader } from '../../modules/rates/index.ts'
import { checkKnown } from './check-known.ts'
import { expandMovement } from './expand-movement.ts'
import type { Line } from './line.ts'

export type OrderTaken =
  | { readonly kind: 'new' | 'same' }
  | { readonly kind: 'version_conflict' | 'superseded'; readonly newest: number }
  | { readonly kind: 'faults'; readonly faults: readonly Fault[] }

/**
 * Takes an order that the door found without faults. What is not new leaves no trace; a lower version is kept
 * as seen.
 */
export async function takeOrder(
  line: Line,
  parsed: { readonly order: Order; readonly warnings: readonly Fault[] },
  act: { readonly knownAt: string; readonly actor: string },
): Promise<OrderTaken> {
  const { municipality } = parsed.order
  return await line.connection.transaction([municipality], async (tx) => {
    await lockMunicipality(tx, municipality)
    const taken = await takeOrderIn(tx, line.rates, parsed, act)
    if (taken.kind === 'new' || taken.kind === 'superseded')
      await publishEvents(tx, [municipality], ['received', 'refused', 'held'])
    return taken
  })
}

/** The same within a transaction that holds the municipality; events are for the caller to publish. */
export async function takeOrderIn(
  tx: Tx,
  rates: RateReader,
  parsed: { readonly order: Order; readonly warnings: readonly Fault[] },
  act: { readonly knownAt: string; readonly actor: string },
): Promise<OrderTaken> {
  const { order } = parsed
  const { municipality } = order
  const asked: ParsedOrder = { order, hash: contentHash(order), warnings: parsed.warnings }
  const whole = order.adjusts === undefined ? asked : await expandMovement(tx, asked)
  if ('faults' in whole) return { kind: 'faults', faults: whole.faults }
  const intakeNo = await nextIntakeNo(tx, municipality)
  const parties = await openPartyBook(tx, municipality, intakeNo, identifiersIn(whole.order))
  const wrong = (await checkKnown(tx, municipality, [whole])).get(0)
  if (wrong !== undefined) return { kind: 'faults', faults: wrong }
  const receiver = await openOrderReceiver(tx, {
    municipality,
    source: order.sourceSystem,
    intakeNo,
    parties,
    benefitId: rates.known.benefitId,
  })
  const [verdict] = await receiver.add([whole], 0)
  await receiver.flush()
  if (verdict === undefined || verdict.kind === 'same') return { kind: 'same' }
  const stored = await isStored(tx, municipality, intakeNo)
  if (verdict.kind === 'version_conflict' || stored === undefined) return verdict
  if (receiver.newVersions) await holdSuperseded(tx, municipality, intakeNo, act.knownAt)
  const { exclusions } = (await newestRates(tx, rates, stored.laws)).book
  await holdPossibleDuplicates(tx, municipality, exclusions, intakeNo, act.knownAt)
  await recordSingle(tx, whole, intakeNo, verdict.kind === 'new' ? undefined : verdict.newest, act)
  return verdict.kind === 'new' ? { kind: 'new' } : verdict
}

/** Undefined when it is not; else how many law changes are approved. */
async function isStored(
  tx: Tx,
  municipality: Municipality,
  intakeNo: number,
): Promise<{ readonly laws: number | null } | undefined> {
  return await tx.first(
    `select ${NEWEST_LAW} as laws from orders where municipality_code = $1 and order_id >= $2::bigint << 24
       and order_id < ($2::bigint + 1) << 24`,
    [municipality, intakeNo],
  )
}

/** Everybody that an order names. */
function identifiersIn(order: Order): string[] {
  const found = new Set([order.beneficiary.id, order.payee.id])
  for (const line of order.lines) {
    if (line.kind === 'third_party') found.add(line.payee.id)
    if (line.kind === 'benefit' && line.employee !== undefined) found.add(line.employee)
  }
  return [...found]
}

/** The intake of a single order. `newest` when it was kept as seen only. */
async function recordSingle(
  tx: Tx,
  parsed: ParsedOrder,
  intakeNo: number,
  newest: number | undefined,
  act: { readonly knownAt: string; readonly actor: string },
): Promise<void> {
  const { municipality, orderKey, version, sourceSystem } = parsed.order
  if (newest !== undefined) {
    const what = fault('superseded', '/version', `The newest version that we have is ${newest}.`)
    await recordFaults(tx, municipality, intakeNo, [{ line: 1, orderKey, version, faults: [what] }])
  }
  const held = await countHeld(tx, municipality, intakeNo)
  await recordIntake(tx, {
    municipality,
    intakeNo,
    source: SOURCE_SYSTEM_ID[sourceSystem],
    fileId: `order ${orderKey} ${version}`,
    sha256: Buffer.from(parsed.hash, 'hex'),
    state: 'loaded',
    month: null,
    lines: 1,
    accepted: newest === undefined ? 1 : 0,
    held: newest === undefined ? held : 0,
    refused: newest === undefined ? 0 : 1,
    findings: [],
    knownAt: act.knownAt,
    actor: act.actor,
  })
  await recordAudit(tx, {
    municipality,
    at: act.knownAt,
    actor: act.actor,
    command: 'order.put',
    subject: `${sourceSystem} ${orderKey}`,
    detail: { version, intake: intakeNo, kept_as_seen: newest !== undefined },
  })
}
