/** Why a payment was stopped before it was sent, or how its stop stands after, in plain Danish. */
import type { FactCause, RecallState } from '../payments/index.ts'

/** `stop_asked`, and what the rail said. */
export type StopCode = FactCause | `stop_${RecallState}`

export const STOP_CAUSES: Readonly<Record<StopCode, string>> = {
  death: 'Personen er død.',
  missing: 'Personen er forsvundet.',
  bankruptcy: 'Virksomheden er gået konkurs.',
  closed: 'Virksomheden er ophørt.',
  tax_card: 'Skattekortet er ændret: ydelsen beregnes igen og sendes med det nye kort.',
  stop_asked: 'Betalingen er sendt, og NemKonto eller banken er bedt om at standse den.',
  stop_pending: 'NemKonto eller banken har ikke afgjort endnu, om betalingen kan standses.',
  stop_cancelled: 'NemKonto eller banken har standset betalingen; pengene er hos kommunen eller på vej tilbage.',
  stop_refused: 'For sent: NemKonto eller banken har ikke standset betalingen.',
}
