/**
 * Why a payment came back, in plain Danish. The three stages are NemKonto's answers 2, 7 and 9 (nemkonto.dk,
 * retursvar); bank codes are ISO 20022 external return reason codes (public code list), in our own words.
 */
import type { FactCause } from '../payments/index.ts'

const BANK_CODES: Readonly<Record<string, string>> = {
  AC01: 'Kontonummeret findes ikke.',
  AC03: 'Modtagerens kontonummer er ugyldigt.',
  AC04: 'Kontoen er lukket.',
  AC06: 'Kontoen er spærret.',
  AG01: 'Kontoen kan ikke modtage denne slags betaling.',
  BE05: 'Banken kender ikke afsenderen.',
  BE06: 'Banken kender ikke modtageren.',
  MD07: 'Modtageren er død.',
  MS02: 'Modtageren har afvist betalingen.',
  MS03: 'Banken har afvist betalingen uden at oplyse årsagen.',
  RC01: 'Bankens registreringsnummer findes ikke.',
}

/** `answer` is the rail's (2, 7 or 9); `code` its reason. Always a whole sentence. */
export function returnCause(answer: number, code: string): string {
  if (answer === 2) return 'Betalingen blev afvist, fordi den har en formel fejl. Pengene har ikke forladt kommunen.'
  if (answer === 7) return 'Modtageren har ingen NemKonto. Pengene har ikke forladt kommunen.'
  const known = BANK_CODES[code]
  return (
    known ?? (code === '' ? 'Banken har sendt pengene tilbage.' : `Banken har sendt pengene tilbage (kode ${code}).`)
  )
}

/** Why a payment was stopped before it was sent. */
export const STOP_CAUSES: Readonly<Record<FactCause, string>> = {
  death: 'Personen er død.',
  missing: 'Personen er forsvundet.',
  bankruptcy: 'Virksomheden er gået konkurs.',
  closed: 'Virksomheden er ophørt.',
  tax_card: 'Skattekortet er ændret: ydelsen beregnes igen og sendes med det nye kort.',
}
