/** Why a payment was stopped before it was sent, how its stop stands after, or why it was given up, in plain Danish. */
import type { FactCause, RecallState } from '../payments/index.ts'
import type { UnclaimedTreatment } from '../rates/index.ts'

/** `stop_asked`, and what the rail said; `unclaimed_…` of what came back and nobody wanted. */
export type StopCode = FactCause | `stop_${RecallState}` | `unclaimed_${UnclaimedTreatment}`

export const STOP_CAUSES: Readonly<Record<StopCode, string>> = {
  death: 'Personen er død.',
  missing: 'Personen er forsvundet.',
  bankruptcy: 'Virksomheden er gået konkurs.',
  closed: 'Virksomheden er ophørt.',
  tax_card: 'Skattekortet er ændret: ydelsen beregnes igen og sendes med det nye kort.',
  unclaimed_income:
    'Pengene kom retur, og ingen har bedt om dem: de er blevet kommunens indtægt. De betales, hvis de kræves.',
  unclaimed_claim: 'Pengene kom retur, og ingen har bedt om dem: de står som modtagerens tilgodehavende.',
  unclaimed_limitation: 'Pengene kom retur, og ingen bad om dem, før kravet blev forældet.',
  stop_asked: 'Betalingen er sendt, og NemKonto eller banken er bedt om at standse den.',
  stop_pending: 'NemKonto eller banken har ikke afgjort endnu, om betalingen kan standses.',
  stop_cancelled: 'NemKonto eller banken har standset betalingen; pengene er hos kommunen eller på vej tilbage.',
  stop_refused: 'For sent: NemKonto eller banken har ikke standset betalingen.',
}
