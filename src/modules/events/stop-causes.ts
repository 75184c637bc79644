/** Why a payment was stopped before it was sent, or given up after it came back, in plain Danish. */
import type { FactCause } from '../payments/index.ts'
import type { UnclaimedTreatment } from '../rates/index.ts'

export type ToldStop = FactCause | `unclaimed_${UnclaimedTreatment}`

export const STOP_CAUSES: Readonly<Record<ToldStop, string>> = {
  death: 'Personen er død.',
  missing: 'Personen er forsvundet.',
  bankruptcy: 'Virksomheden er gået konkurs.',
  closed: 'Virksomheden er ophørt.',
  tax_card: 'Skattekortet er ændret: ydelsen beregnes igen og sendes med det nye kort.',
  unclaimed_income:
    'Pengene kom retur, og ingen har bedt om dem: de er blevet kommunens indtægt. De betales, hvis de kræves.',
  unclaimed_claim: 'Pengene kom retur, og ingen har bedt om dem: de står som modtagerens tilgodehavende.',
  unclaimed_limitation: 'Pengene kom retur, og ingen bad om dem, før kravet blev forældet.',
}
