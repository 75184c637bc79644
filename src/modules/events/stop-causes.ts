/** Why a payment was stopped before it was sent, in plain Danish. */
import type { FactCause } from '../payments/index.ts'

export const STOP_CAUSES: Readonly<Record<FactCause, string>> = {
  death: 'Personen er død.',
  missing: 'Personen er forsvundet.',
  bankruptcy: 'Virksomheden er gået konkurs.',
  closed: 'Virksomheden er ophørt.',
  tax_card: 'Skattekortet er ændret: ydelsen beregnes igen og sendes med det nye kort.',
}
