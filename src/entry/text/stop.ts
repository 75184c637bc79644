/** Payments that are stopped or asked back, in plain Danish. */
import type { RecallState } from '../../modules/payments/index.ts'
import type { Stopped } from '../line/stop-payment.ts'
import { tooLateText } from './returned.ts'

export const RECALL_STATE: Readonly<Record<RecallState, string>> = {
  asked: 'bedt standset; der er ikke svaret',
  pending: 'bedt standset; det er ikke afgjort endnu',
  cancelled: 'standset; pengene er hos kommunen eller på vej tilbage',
  refused: 'kunne ikke standses',
}

/** What was done, or why it is too late and what can be done. */
export function stoppedText(stopped: Stopped): string {
  if (stopped.state === 'too_late') return tooLateText(stopped.where)
  if (stopped.state === 'held') return 'Betalingen er taget ud af sin kørsel; resten går.'
  const when = stopped.before ? 'Der er allerede bedt om' : 'Der er bedt om'
  return `${when} at få betalingen standset. Intet flyttes, før NemKonto eller banken har svaret.`
}
