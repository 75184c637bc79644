/** A kill switch takes a source system's lines out of every run that is not released, and gives them back. */
import type { Tx } from '../../base/db.ts'
import type { Municipality } from '../../base/id.ts'
import {
  heldBySwitch,
  holdParts,
  type KillSwitch,
  openSwitches,
  recordSwitchHold,
  stoppedPartsOf,
  type SwitchAct,
  switchOff,
  switchOn,
  unreleasedParts,
} from '../../modules/payments/index.ts'
import type { RateReader } from '../../modules/rates/index.ts'
import { actWork } from './act-work.ts'
import { dueAgain } from './let-go.ts'

/** On: what is assembled and not released is held at once. The caller holds the municipality's turn. */
export async function putSwitchOn(tx: Tx, municipality: Municipality, source: number, act: SwitchAct): Promise<void> {
  await switchOn(tx, municipality, source, act)
  await holdSwitched(tx, municipality, act.at)
}

/** Off with the second person: what it held is due again. Gives whether it is off. */
export async function putSwitchOff(
  tx: Tx,
  rates: RateReader,
  municipality: Municipality,
  source: number,
  act: SwitchAct,
): Promise<boolean> {
  const off = await switchOff(tx, municipality, source, act)
  if (off === undefined) return false
  const held = await heldBySwitch(tx, municipality, off.switchNo)
  const own = new Set(held.map((one) => `${one.item}:${one.part}`))
  const parts = await stoppedPartsOf(tx, municipality, { payments: [...new Set(held.map((one) => one.payment))] })
  const due = parts.filter((one) => own.has(`${one.item}:${one.part}`))
  await dueAgain(tx, rates, due, { municipality, reason: act.reason, at: act.at, by: act.by })
  return true
}

/** Asked in each transaction that assembles or releases: nearly always no switch is on. */
export async function holdSwitched(tx: Tx, municipality: Municipality, at: string): Promise<void> {
  for (const one of await openSwitches(tx, municipality)) await holdFor(tx, municipality, one, at)
}

async function holdFor(tx: Tx, municipality: Municipality, one: KillSwitch, at: string): Promise<void> {
  const parts = await unreleasedParts(tx, municipality, one.source)
  if (parts.length === 0) return
  const workNo = await actWork(tx, municipality, 'hold', at, { parts: parts.length })
  const reason = `Nødstop: ${one.reason}`
  await holdParts(tx, municipality, parts, { workNo, cause: 'held', reason, owner: 'kommune', by: one.by, at })
  await recordSwitchHold(tx, municipality, workNo, one.switchNo)
}
