/** Claims of which the debtor system's books and ours say another thing. */
import { BALANCE_DIFFERS } from '../claims/index.ts'

/** Until a later payment on the claim comes with a balance that agrees, or a person closes it. */
export const CLAIM_DIFFERS = `select p.municipality_code, 'claim_differs' as kind, s.key || ' ' || k.claim_key as subject,
    k.source_system, 'kommune' as owner, abs(p.their_left_ore - p.our_left_ore) as amount_ore, w.known_at as since,
    jsonb_build_object('claim_key', k.claim_key, 'payment_key', p.payment_key, 'paid_on', p.paid_on,
      'their_left_ore', p.their_left_ore, 'our_left_ore', p.our_left_ore) as detail
  from claim_payments p
  join claims k on k.municipality_code = p.municipality_code and k.claim_id = p.claim_id
  join source_systems s on s.source_system = k.source_system
  join work_batches w on w.municipality_code = p.municipality_code and w.work_no = p.work_no
  where p.municipality_code = any ($1) and ${BALANCE_DIFFERS}`
