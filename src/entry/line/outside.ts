/** A person registers, approves or gives up what was paid elsewhere; what it settles or holds follows at once. */
import type { Tx } from '../../base/db.ts'
import type { Municipality } from '../../base/id.ts'
import { recordAudit } from '../../modules/access/index.ts'
import { approveOutside, endOutside, type NewOutside, registerOutside } from '../../modules/payments/index.ts'
import type { RateReader } from '../../modules/rates/index.ts'
import { holdOutside, settleOutside } from './settle-outside.ts'

export type OutsideAct =
  | { readonly kind: 'register'; readonly what: NewOutside }
  | { readonly kind: 'approve'; readonly no: number }
  | { readonly kind: 'end'; readonly no: number; readonly reason: string }

/** Gives the number. The municipality's turn is held. */
export async function actOutside(
  tx: Tx,
  rates: RateReader,
  municipality: Municipality,
  act: OutsideAct,
  who: { readonly at: string; readonly by: string },
): Promise<number> {
  const no = act.kind === 'register' ? await registerOutside(tx, municipality, act.what, who) : act.no
  if (act.kind === 'approve') await approveOutside(tx, municipality, no, who)
  if (act.kind === 'end') await endOutside(tx, municipality, no, { ...who, reason: act.reason })
  await settleOutside(tx, rates, municipality, who.at)
  await holdOutside(tx, municipality, who.at)
  const detail = act.kind === 'end' ? { reason: act.reason } : {}
  const subject = `outside ${no}`
  await recordAudit(tx, { municipality, at: who.at, actor: who.by, command: `outside.${act.kind}`, subject, detail })
  return no
}
